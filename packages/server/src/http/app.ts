import { randomUUID } from "node:crypto";
import { OpenAPIHono } from "@hono/zod-openapi";
import type { Context } from "hono";
import type { Logger } from "pino";
import { dialectResponse, type DialectErrors } from "../dialects/dialect.ts";
import type { Credential } from "../identity/credential.ts";
import { budgetHeaders, type RequestBudgets } from "../identity/request-budgets.ts";
import { API_PAGE_HEADERS, renderApiPage } from "./api-page.ts";
import { toProblem } from "./errors.ts";
import { ProblemError, problemResponse } from "../problem.ts";
import type { App, RequestEnv } from "./route.ts";

export interface AppOptions {
  logger: Logger;
  /** Throws for a request that this server must not look at: one for a foreign Host. */
  checkRequest(request: Request): void;
  /** Throws for a session's cookie that another site's page sent. */
  credentialOf(request: Request): Credential | undefined;
  isHttps: boolean;
  version: string;
  budgets: RequestBudgets;
  /** Protocols of others that are spoken here, the narrower path first. */
  dialects: readonly DialectErrors[];
}

const PROBES = new Set(["/health", "/ready"]);
const ALL_METHODS = ["GET", "POST", "PUT", "DELETE", "PATCH"] as const;

/** The service's Hono app without routes: request ids, headers, one funnel for errors, and 404 and 405 as problems. */
export function createApp(options: AppOptions): App {
  const app: App = new OpenAPIHono<RequestEnv>();
  app.use("*", async (context, next) => {
    const requestId = `req_${randomUUID()}`;
    context.set("requestId", requestId);
    // Probes come by address, and learn nothing here.
    if (!PROBES.has(context.req.path)) options.checkRequest(context.req.raw);
    // Read once: a decision asks twice, and a key is hashed each time.
    let credential: { value: Credential | undefined } | undefined;
    context.set(
      "readCredential",
      () => (credential ??= { value: options.credentialOf(context.req.raw) }).value,
    );
    const addOwnHeaders = (headers: Headers): void => {
      addHeaders(headers, requestId, options.isHttps);
      const budget = context.get("budget");
      if (budget !== undefined) setAll(headers, budgetHeaders(budget));
    };
    context.set("addHeaders", addOwnHeaders);
    context.set("spend", (hash) => {
      const budget = options.budgets.spend(hash);
      if (budget instanceof Promise) return budget.then((given) => context.set("budget", given));
      context.set("budget", budget);
      return undefined;
    });
    await next();
    addOwnHeaders(context.res.headers);
    // HEAD is answered by GET's handler, and its body dropped unread: a stream would go on reading the log for nobody.
    if (context.req.method === "HEAD") await context.res.body?.cancel();
  });
  const answerTo = (problem: ProblemError, context: Context<RequestEnv>): Response => {
    const requestId = context.get("requestId");
    const inDialect = dialectResponse(options.dialects, context.req.path, problem, requestId);
    return inDialect ?? problemResponse(problem, requestId);
  };
  app.onError((error, context) => {
    const problem = toProblem(error);
    const requestId = context.get("requestId");
    if (problem.status >= 500) {
      options.logger.error(
        { err: error, requestId, method: context.req.method, path: context.req.path },
        problem.message,
      );
    }
    const response = answerTo(problem, context);
    // What the first middleware refuses has not gone past its end.
    addHeaders(response.headers, requestId, options.isHttps);
    return response;
  });
  app.notFound((context) => {
    const allowed = ALL_METHODS.filter(
      (method) =>
        method !== context.req.method &&
        app.router.match(method, context.req.path)[0].some(([[, entry]]) => isRoute(entry)),
    );
    const problem =
      allowed.length === 0
        ? new ProblemError(
            "not_found",
            `There is nothing at ${context.req.path.slice(0, 200)}. The API is described at /docs, for machines at /openapi.json.`,
          )
        : new ProblemError(
            "method_not_allowed",
            `${context.req.path.slice(0, 200)} takes ${allowed.join(", ")}.`,
            { headers: { allow: allowed.join(", ") } },
          );
    return answerTo(problem, context);
  });
  const describeApi = () => {
    describeErrors(app, options.dialects);
    return app.getOpenAPI31Document({
      openapi: "3.1.0",
      info: {
        title: "Holdpoint",
        version: options.version,
        description: "Hold points for AI agents.",
        license: { name: "Apache-2.0" },
      },
      security: [{ bearer: [] }, { apiKey: [] }],
    });
  };
  app.get("/openapi.json", (context) => context.json(describeApi()));
  // Made at its first use: by then every route is there.
  let page: string | undefined;
  app.get("/docs", (context) => context.body((page ??= renderApiPage(describeApi())), 200, API_PAGE_HEADERS));
  app.openAPIRegistry.registerComponent("securitySchemes", "bearer", { type: "http", scheme: "bearer" });
  app.openAPIRegistry.registerComponent("securitySchemes", "apiKey", {
    type: "apiKey",
    in: "header",
    name: "X-API-Key",
  });
  app.openAPIRegistry.registerComponent("securitySchemes", "endUserToken", {
    type: "http",
    scheme: "bearer",
    description: "`hpu_…`, for an end user's own questions.",
  });
  app.openAPIRegistry.registerComponent("securitySchemes", "endUserDevice", {
    type: "apiKey",
    in: "cookie",
    name: "holdpoint_end_user",
    description: "Of the device that has brought a link's code.",
  });
  return app;
}

/** Middleware matches every method; a route has a path of its own. */
function isRoute(entry: { path: string }): boolean {
  return entry.path !== "*" && entry.path !== "/*";
}

/** A route knows nothing of whose words its errors are told in; whoever owns its path does. */
function describeErrors(app: App, dialects: readonly DialectErrors[]): void {
  for (const definition of app.openAPIRegistry.definitions) {
    if (definition.type !== "route") continue;
    const { path, responses } = definition.route;
    const dialect = dialects.find((candidate) => candidate.owns(path));
    if (dialect === undefined) continue;
    const content = { "application/json": { schema: dialect.schema } };
    responses["default"] = { description: "An error, as this protocol tells it", content };
  }
}

function setAll(headers: Headers, values: Readonly<Record<string, string>>): void {
  for (const [name, value] of Object.entries(values)) headers.set(name, value);
}

function addHeaders(headers: Headers, requestId: string, isHttps: boolean): void {
  headers.set("x-request-id", requestId);
  headers.set("x-content-type-options", "nosniff");
  if (!headers.has("referrer-policy")) headers.set("referrer-policy", "no-referrer");
  headers.set("cross-origin-resource-policy", "same-origin");
  if (!headers.has("content-security-policy")) {
    headers.set(
      "content-security-policy",
      "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
    );
  }
  if (!headers.has("cache-control")) headers.set("cache-control", "no-store");
  if (isHttps) headers.set("strict-transport-security", "max-age=31536000");
}
