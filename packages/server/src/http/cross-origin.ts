import type { App } from "./route.ts";

const PREFLIGHT = {
  "access-control-allow-origin": "*",
  "access-control-allow-methods": "GET, POST",
  "access-control-allow-headers": "authorization, content-type, idempotency-key, last-event-id",
  "access-control-max-age": "600",
};

/**
 * Lets pages of any origin use what is under `path` with a bearer token, which a page only has when it was given one.
 * Never with credentials: a cookie counts from our own pages alone.
 */
export function addCrossOrigin(app: App, path: string): void {
  for (const pattern of [path, `${path}/*`]) {
    app.use(pattern, async (context, next) => {
      const { headers } = context.req.raw;
      const isPreflight = context.req.method === "OPTIONS" && headers.has("access-control-request-method");
      if (isPreflight) return new Response(null, { status: 204, headers: PREFLIGHT });
      await next();
      if (headers.has("origin") && headers.has("authorization")) {
        context.res.headers.set("access-control-allow-origin", "*");
        context.res.headers.set(
          "access-control-expose-headers",
          "x-request-id, retry-after, x-ratelimit-limit, x-ratelimit-remaining, x-ratelimit-reset",
        );
      }
      return undefined;
    });
  }
}
