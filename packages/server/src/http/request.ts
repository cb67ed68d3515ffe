import { canonicalJson, JsonValueError, parseJson, sha256Of, type JsonObject } from "@holdpoint/protocol";
import type { Context } from "hono";
import type { z } from "zod";
import { ProblemError } from "../problem.ts";

/** The largest body that is read, in bytes. */
export const MAX_BODY_BYTES = 1_048_576;

/** The body as JSON: 415 and 400 before any schema, 413 when it is larger than 1 MiB however it is sent. */
export async function readJson(context: Context): Promise<unknown> {
  const type = context.req.header("content-type");
  if (type !== undefined && !/^application\/(json|[\w.+-]+\+json)\s*(;|$)/i.test(type)) {
    throw new ProblemError(
      "unsupported_media_type",
      `Send the body as application/json, not ${type === "" ? "without a type" : type.slice(0, 100)}.`,
    );
  }
  refuseEncoded(context);
  const text = await readText(context);
  if (text === "") return undefined;
  try {
    return parseJson(text);
  } catch (error) {
    if (error instanceof JsonValueError) {
      throw new ProblemError("invalid_request", "The body holds a value that JSON cannot carry safely.", {
        errors: [{ path: error.path, message: error.reason }],
      });
    }
    throw new ProblemError(
      "invalid_json",
      `The body is not JSON: ${error instanceof Error ? error.message : "unreadable"}.`,
      {
        cause: error,
      },
    );
  }
}

function refuseEncoded(context: Context): void {
  const encoding = context.req.header("content-encoding") ?? "identity";
  if (/^\s*identity\s*$/i.test(encoding)) return;
  throw new ProblemError(
    "unsupported_media_type",
    `Send the body as it is: Content-Encoding ${encoding.slice(0, 100)} is not read here.`,
  );
}

/**
 * The body of a form, urlencoded or multipart, as text by field: 415, 400 and 413 as for JSON. A field that comes twice is
 * refused, since two readers would take different ones, and so are files.
 */
export async function readForm(context: Context): Promise<Record<string, string>> {
  const type = context.req.header("content-type") ?? "";
  if (!/^(application\/x-www-form-urlencoded|multipart\/form-data)\s*(;|$)/i.test(type)) {
    throw new ProblemError(
      "unsupported_media_type",
      `Send the body as application/x-www-form-urlencoded or multipart/form-data, not ${type === "" ? "without a type" : type.slice(0, 100)}.`,
    );
  }
  refuseEncoded(context);
  const fields: Record<string, string> = Object.create(null) as Record<string, string>;
  for (const [name, value] of await readFields(context, type)) {
    if (typeof value !== "string")
      throw new ProblemError("unsupported", `Files are not taken here: leave out ${name.slice(0, 100)}.`);
    if (name in fields) {
      throw new ProblemError("invalid_request", `The field ${name.slice(0, 100)} comes twice.`, {
        errors: [{ path: name.slice(0, 100), message: "comes twice" }],
      });
    }
    // Of every field, also of those that nobody reads: as everywhere else.
    if (`${name}${value}`.includes("\0")) {
      throw new ProblemError("invalid_request", "The form holds a text with U+0000.", {
        errors: [{ path: name.replaceAll("\0", "").slice(0, 100), message: "contains U+0000" }],
      });
    }
    fields[name] = value;
  }
  return fields;
}

async function readFields(context: Context, type: string): Promise<Iterable<[string, string | Blob]>> {
  if (type.toLowerCase().startsWith("application/")) return new URLSearchParams(await readText(context));
  const body = await readBytes(context);
  const form = new Request("http://form", { method: "POST", headers: { "content-type": type }, body });
  try {
    // Advised against for large files: here it gets 1 MiB at most, and files are refused.
    // oxlint-disable-next-line typescript/no-deprecated -- the platform's own parser, bounded
    return await form.formData();
  } catch (error) {
    throw new ProblemError("invalid_json", "The body is not the multipart form that its Content-Type says.", {
      cause: error,
    });
  }
}

const utf8 = new TextDecoder("utf-8", { fatal: true });

async function readText(context: Context): Promise<string> {
  const bytes = await readBytes(context);
  try {
    return utf8.decode(bytes);
  } catch (error) {
    throw new ProblemError("invalid_json", "The body is not UTF-8 text.", { cause: error });
  }
}

type BodyBytes = ArrayBuffer | Uint8Array<ArrayBuffer>;

async function readBytes(context: Context): Promise<BodyBytes> {
  const announced = context.req.header("content-length");
  if (Number(announced ?? 0) > MAX_BODY_BYTES) throw tooLarge();
  // An announced length is enforced by Node's parser; only without one must bytes be counted while they come,
  // which costs a web stream a request.
  return announced === undefined ? readUnannounced(context) : readAnnounced(context);
}

async function readAnnounced(context: Context): Promise<ArrayBuffer> {
  const bytes = await context.req.raw.arrayBuffer().catch((error: unknown) => {
    throw clientClosed(error);
  });
  // Where the service is mounted, what parses may be another server than Node's.
  if (bytes.byteLength > MAX_BODY_BYTES) throw tooLarge();
  return bytes;
}

async function readUnannounced(context: Context): Promise<BodyBytes> {
  const stream = context.req.raw.body;
  const chunks: Uint8Array[] = [];
  let size = 0;
  try {
    for await (const chunk of stream ?? []) {
      size += chunk.byteLength;
      if (size > MAX_BODY_BYTES) break;
      chunks.push(chunk);
    }
  } catch (error) {
    throw clientClosed(error);
  }
  if (size > MAX_BODY_BYTES) throw tooLarge();
  return Buffer.concat(chunks);
}

function tooLarge(): ProblemError {
  return new ProblemError(
    "body_too_large",
    "A body may have 1 MiB at most. Put large evidence behind a link.",
  );
}

/** Its ECONNRESET is the client's, and says nothing about the store. */
function clientClosed(cause: unknown): ProblemError {
  return new ProblemError("client_closed", "The body ended before all of it had come.", { cause });
}

/** Body, query or parameters by their schema; 422 with every place that does not fit. */
export function parseWith<Schema extends z.ZodType>(
  schema: Schema,
  value: unknown,
  what: string,
): z.output<Schema> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const errors = result.error.issues.slice(0, 50).map((issue) => ({
    path: issue.path.map(String).join("."),
    message: issue.code === "unrecognized_keys" ? `unknown: ${issue.keys.join(", ")}` : issue.message,
  }));
  const first = errors[0];
  throw new ProblemError(
    "invalid_request",
    `The ${what} does not fit its schema: ${first === undefined || first.path === "" ? "" : `${first.path}: `}${first?.message ?? "invalid"}.`,
    { errors },
  );
}

/** The Idempotency-Key header; 422 when it is empty, too long or not printable ASCII. */
export function readIdempotencyKey(context: Context): string | undefined {
  const key = context.req.header("idempotency-key");
  if (key === undefined) return undefined;
  if (!/^[\x21-\x7e]{1,200}$/.test(key)) {
    throw new ProblemError(
      "invalid_request",
      "Idempotency-Key must be 1 to 200 printable ASCII characters without spaces.",
      {
        errors: [{ path: "Idempotency-Key", message: "1 to 200 printable ASCII characters without spaces" }],
      },
    );
  }
  return key;
}

/**
 * The Idempotency-Key with the hash of the request that it stands for, in one text, for what keeps the last request in a column
 * (`holdpoint.same_request_v1`).
 */
export function requestKeyOf(context: Context, body: object): string | undefined {
  const idempotency = idempotencyOf(context, { path: context.req.path, ...body });
  return idempotency && `${idempotency.key} ${idempotency.bodyHash}`;
}

/** The X-Holdpoint-Attempt header, which names one attempt of one caller; what is no UUID is none. */
export function readAttempt(context: Context): string | undefined {
  const attempt = context.req.header("x-holdpoint-attempt")?.toLowerCase();
  return attempt !== undefined && /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(attempt)
    ? attempt
    : undefined;
}

/** The Idempotency-Key with a hash of the body that it stands for. */
export function idempotencyOf(context: Context, body: object): { key: string; bodyHash: string } | undefined {
  const key = readIdempotencyKey(context);
  return key === undefined ? undefined : { key, bodyHash: sha256Of(canonicalJson(body as JsonObject)) };
}
