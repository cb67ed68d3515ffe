import { canonicalJson, JsonValueError, parseJson, sha256Of, type JsonObject } from "@holdpoint/protocol";
import type { Context } from "hono";
import type { z } from "zod";
import { ProblemError } from "./problem.ts";

/** The largest body that is read, in bytes. */
export const MAX_BODY_BYTES = 1_048_576;

/** The body as JSON: 415 and 400 before any schema, 413 when it is larger than 1 MiB however it is sent. */
export async function readJson(context: Context): Promise<unknown> {
  const type = context.req.header("content-type");
  if (type !== undefined && !/^application\/(json|[\w.+-]+\+json)\s*(;|$)/i.test(type)) {
    throw new ProblemError(
      "unsupported_media_type",
      `Send the body as application/json, not ${type.slice(0, 100)}.`,
    );
  }
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

async function readText(context: Context): Promise<string> {
  const tooLarge = new ProblemError(
    "body_too_large",
    "A body may have 1 MiB at most. Put large evidence behind a link.",
  );
  if (Number(context.req.header("content-length") ?? 0) > MAX_BODY_BYTES) throw tooLarge;
  const stream = context.req.raw.body;
  if (stream === null) return "";
  const chunks: Uint8Array[] = [];
  let size = 0;
  try {
    for await (const chunk of stream) {
      size += chunk.byteLength;
      if (size > MAX_BODY_BYTES) throw tooLarge;
      chunks.push(chunk);
    }
  } catch (error) {
    if (error === tooLarge) throw error;
    // Its ECONNRESET is the client's, and says nothing about the store.
    throw new ProblemError("client_closed", "The body ended before all of it had come.", { cause: error });
  }
  const bytes = chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks);
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (error) {
    throw new ProblemError("invalid_json", "The body is not UTF-8 text.", { cause: error });
  }
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

/** The Idempotency-Key with a hash of the body that it stands for. */
export function idempotencyOf(context: Context, body: object): { key: string; bodyHash: string } | undefined {
  const key = readIdempotencyKey(context);
  return key === undefined ? undefined : { key, bodyHash: sha256Of(canonicalJson(body as JsonObject)) };
}
