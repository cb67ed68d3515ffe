import type { ServerResponse } from "node:http";
import { problemSchema } from "@holdpoint/protocol";
import type { OpenAPIHono } from "@hono/zod-openapi";
import type { Context } from "hono";
import type { z } from "zod";
import type { Credential } from "../identity/credential.ts";
import type { Budget } from "../identity/request-budgets.ts";
import { credentialHashOf } from "./credential.ts";
import { parseWith, readForm, readJson } from "./request.ts";

/**
 * What our own listener on Node's server brings along. Under a name of its own: in another Hono app the middleware around
 * us counts on answers that it can see.
 */
export interface NodeBindings {
  rawReply?: ServerResponse;
}

/** What every handler knows of its request. */
export interface RequestEnv {
  Bindings: NodeBindings;
  Variables: {
    requestId: string;
    /** The credential that came along. Read when a route needs one, since a foreign cookie is then refused. */
    readCredential: () => Credential | undefined;
    /** Adds what every answer has. For answers that are written past Hono. */
    addHeaders: (headers: Headers) => void;
    /** Where its principal stands, once it was counted. */
    budget: Budget | undefined;
    /** Counts this request against the limit of whoever's credential that is. Throws `too_many_requests`. */
    spend: (credentialHash: string) => Promise<void> | undefined;
  };
}
export type App = OpenAPIHono<RequestEnv>;

type Output<Schema> = Schema extends z.ZodType ? z.output<Schema> : undefined;

export interface RouteOptions<Body, Query> {
  method: "get" | "post" | "delete" | "put";
  /** In OpenAPI's spelling: `/v1/holds/{id}`. */
  path: string;
  /** In Hono's spelling, where a parameter spans several segments: `/files/:path{.+}`. Default: made from `path`. */
  pattern?: string;
  summary: string;
  tag: string;
  body?: Body;
  /** How the body is encoded; a form's fields are text. Default "json". */
  bodyAs?: "json" | "form";
  query?: Query;
  /**
   * Who may come, where that is no key or session: an end user, or anybody. `of` is asked before anything is read, and
   * throws for who may not.
   */
  credential?: {
    of(context: Context<RequestEnv>): { hash: string } | undefined;
    kind: "endUser" | "none";
  };
  /** Status and shape of what is answered when it goes well. */
  responses: Record<number, { description: string; schema?: z.ZodType; type?: string }>;
}

export interface RouteInput<Body, Query> {
  body: Output<Body>;
  query: Output<Query>;
}

/**
 * One route: handled by Hono, described in the OpenAPI document from the same schemas.
 *
 * Body and query are parsed before the handler runs, so that it sees only what fits.
 */
export function route<
  Body extends z.ZodType | undefined = undefined,
  Query extends z.ZodType | undefined = undefined,
>(
  app: App,
  options: RouteOptions<Body, Query>,
  handler: (context: Context<RequestEnv>, input: RouteInput<Body, Query>) => Promise<Response> | Response,
): void {
  describe(app, options);
  const pattern = options.pattern ?? options.path.replaceAll(/\{(\w+)\}/g, ":$1");
  app.on(options.method.toUpperCase(), pattern, async (context) => {
    // Before anything is read: a stranger's body is not worth parsing.
    const hash =
      options.credential === undefined ? credentialHashOf(context) : options.credential.of(context)?.hash;
    const waiting = hash === undefined ? undefined : context.get("spend")(hash);
    if (waiting !== undefined) await waiting;
    const query = options.query && parseWith(options.query, context.req.query(), "query");
    const readBody = options.bodyAs === "form" ? readForm : readJson;
    const body = options.body && parseWith(options.body, (await readBody(context)) ?? {}, "body");
    // The two casts undo what the optional schemas lose: undefined exactly when no schema was given.
    return handler(context, { body: body as Output<Body>, query: query as Output<Query> });
  });
}

const BODY_TYPES = {
  json: ["application/json"],
  form: ["application/x-www-form-urlencoded", "multipart/form-data"],
};
const SECURITY = { endUser: [{ endUserToken: [] }, { endUserDevice: [] }], none: [] };

function describe(app: App, options: RouteOptions<z.ZodType | undefined, z.ZodType | undefined>): void {
  const parameters = [...options.path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({
    name: name ?? "",
    in: "path" as const,
    required: true,
    schema: { type: "string" as const },
  }));
  app.openAPIRegistry.registerPath({
    method: options.method,
    path: options.path,
    summary: options.summary,
    tags: [options.tag],
    ...(options.credential !== undefined && { security: SECURITY[options.credential.kind] }),
    parameters,
    request: {
      ...(options.body && {
        body: {
          content: Object.fromEntries(
            BODY_TYPES[options.bodyAs ?? "json"].map((type) => [type, { schema: options.body as z.ZodType }]),
          ),
          required: true,
        },
      }),
      ...(options.query && { query: options.query as never }),
    },
    responses: {
      ...Object.fromEntries(
        Object.entries(options.responses).map(([status, { description, schema, type }]) => [
          status,
          { description, ...(schema && { content: { [type ?? "application/json"]: { schema } } }) },
        ]),
      ),
      default: {
        description: "RFC 9457 problem details",
        content: { "application/problem+json": { schema: problemSchema } },
      },
    },
  });
}
