import type { Context } from "hono";
import type { Logger } from "pino";
import { renderFlowPage } from "../connections/flow-page.ts";
import { FLOW_SECONDS, type SignInFlow } from "../connections/sign-in-flow.ts";
import { escapeHtml, renderPlainPage } from "../plain-page.ts";
import type { App, RequestEnv } from "./route.ts";

export interface OAuthRouteDeps {
  flow: SignInFlow;
  isHttps: boolean;
  /** SHA-256 (hex) of the cookie's token of an end user's device, when one came along: as `authorize` was given it. */
  deviceOf(request: Request): string | undefined;
  logger: Pick<Logger, "error">;
}

/**
 * A browser's way to a provider and back. No credential: a ticket and a state, each used once. Only a GET by a person's own
 * move counts; HEAD, and what a browser loads ahead, spends nothing.
 */
export function addOAuthRoutes(app: App, deps: OAuthRouteDeps): void {
  const prefix = `${deps.isHttps ? "__Host-" : ""}holdpoint_oauth_`;
  const attributes = `; Path=/; HttpOnly; SameSite=Lax${deps.isHttps ? "; Secure" : ""}`;
  const cookieName = (stateHash: string): string => prefix + stateHash.slice(0, 16);

  app.get("/v1/oauth/begin/:ticket", (context) =>
    answer(context, deps, async () => {
      const begun = await deps.flow.begin(context.req.param("ticket"), deps.deviceOf(context.req.raw));
      if (begun.type === "page") return renderFlowPage(begun.page);
      const cookie = `${cookieName(begun.stateHash)}=${begun.browserToken}; Max-Age=${FLOW_SECONDS}${attributes}`;
      return new Response(null, {
        status: 303,
        headers: { location: begun.url, "set-cookie": cookie, "cache-control": "no-store" },
      });
    }),
  );

  const callback = (context: Context<RequestEnv>): Promise<Response> =>
    answer(context, deps, async () => {
      const page = await deps.flow.finish(
        context.req.param("provider") ?? "",
        new URL(context.req.url).searchParams,
        // It stays until it ends by itself: a page that is loaded again is told what it was, and not that it is a stranger's.
        (stateHash) => readCookie(context.req.raw.headers, cookieName(stateHash)),
      );
      return renderFlowPage(page);
    });
  // R24: both spellings, whichever is registered at the provider.
  app.get("/v1/oauth/:provider/callback", callback);
  app.get("/api/v0/oauth/:provider", callback);
  app.get("/api/v0/oauth/:provider/", callback);
}

async function answer(
  context: Context<RequestEnv>,
  { logger }: OAuthRouteDeps,
  work: () => Promise<Response>,
): Promise<Response> {
  const purpose = context.req.header("sec-purpose") ?? context.req.header("purpose") ?? "";
  if (context.req.method !== "GET" || /prefetch|preview/i.test(purpose))
    return renderPlainPage(
      context.req.method === "GET" ? 425 : 200,
      "Open this page to go on",
      "<p>Nothing has happened yet.</p>",
    );
  try {
    return await work();
  } catch (error) {
    const requestId = context.get("requestId");
    // Not through the app's funnel: it logs the path, and a ticket is in it.
    logger.error({ err: error, requestId }, "A sign-in at a provider failed here.");
    return renderPlainPage(
      500,
      "Something went wrong here",
      `<p>Load this page again in a moment. If that does not help, tell whoever runs this service: <code>${escapeHtml(requestId)}</code></p>`,
    );
  }
}

function readCookie(headers: Headers, wanted: string): string | undefined {
  for (const cookie of headers.get("cookie")?.split(";") ?? []) {
    const at = cookie.indexOf("=");
    if (at > 0 && cookie.slice(0, at).trim() === wanted) return cookie.slice(at + 1).trim();
  }
  return undefined;
}
