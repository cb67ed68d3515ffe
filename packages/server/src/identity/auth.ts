import type { BetterAuthOptions } from "better-auth";
import type { Kysely } from "kysely";
import { HoldpointError, type ProblemCode } from "@holdpoint/protocol";
import type { Database, DatabaseLogger } from "../database/database.ts";
import { authDatabase } from "./auth-database.ts";
import type { HostCheck } from "./host-check.ts";
import { refusal } from "./refusal.ts";
import { SESSION_COOKIE_ATTRIBUTES, SESSION_SECONDS, type SessionCookie } from "./session-cookie.ts";

const BASE_PATH = "/api/auth";

/**
 * What of better-auth is offered. Everything else is 404, also what a later version brings: an offer is a decision.
 *
 * Later sign-in methods are plugins of it: passkeys (@better-auth/passkey), OIDC (generic OAuth, SSO), second factor
 * (two-factor), mail links. All of them start a session by inserting into auth.session, whose trigger makes the session
 * that requests are authenticated by; each adds its tables in a migration and its paths here.
 */
const OFFERED: Record<string, "GET" | "POST"> = {
  "/get-session": "GET",
  "/list-sessions": "GET",
  "/revoke-session": "POST",
  "/revoke-other-sessions": "POST",
  "/revoke-sessions": "POST",
  "/sign-out": "POST",
};

export interface AuthDependencies {
  database: Database;
  cookie: SessionCookie;
  hostCheck: HostCheck;
  publicUrl: string;
  logger: DatabaseLogger;
}

/** What better-auth is told. Its tables are made by migration 000002; a test compares the two. */
export function authOptions(
  { cookie, hostCheck, publicUrl, logger }: Omit<AuthDependencies, "database">,
  db: Kysely<unknown>,
): BetterAuthOptions {
  const isHttps = publicUrl.startsWith("https:");
  return {
    appName: "Holdpoint",
    baseURL: publicUrl,
    basePath: BASE_PATH,
    secret: cookie.signingKey,
    database: { db, type: "postgres", schemaName: "auth", transaction: true },
    // Passwords come with the second factor. There is no default one, and nobody signs up.
    emailAndPassword: { enabled: false },
    session: { expiresIn: SESSION_SECONDS, updateAge: SESSION_SECONDS / 7, cookieCache: { enabled: false } },
    databaseHooks: { user: { create: { before: async () => false } } },
    advanced: {
      // The name has its own prefix, so better-auth must not put `__Secure-` before it.
      useSecureCookies: false,
      defaultCookieAttributes: { ...SESSION_COOKIE_ATTRIBUTES, secure: isHttps },
      cookies: { session_token: { name: cookie.name } },
      cookiePrefix: isHttps ? "__Host-holdpoint" : "holdpoint",
      database: { generateId: () => crypto.randomUUID(), validateSchema: false },
      ipAddress: { disableIpTracking: true },
    },
    trustedOrigins: (request) => {
      const origin = request?.headers.get("origin");
      return request && origin && hostCheck.isOwnOrigin(origin, request) ? [origin] : [];
    },
    rateLimit: { enabled: false },
    telemetry: { enabled: false },
    logger: {
      level: "warn",
      log: (level, message, ...details) =>
        level === "error" ? logger.error({ details }, message) : logger.warn({ details }, message),
    },
  };
}

/** better-auth behind one door. It is loaded by the first request that needs it. */
export class Auth {
  readonly #dependencies: AuthDependencies;
  #handler: Promise<(request: Request) => Promise<Response>> | undefined;

  constructor(dependencies: AuthDependencies) {
    this.#dependencies = dependencies;
  }

  /**
   * Answers `/api/auth/*`. Throws HoldpointError: `not_found` for what is not offered, `method_not_allowed`, `unauthorized`
   * without a session, `not_allowed` from another site's page, `invalid_json`, `invalid_request`.
   */
  async answer(request: Request): Promise<Response> {
    const path = new URL(request.url).pathname.slice(BASE_PATH.length);
    const method = Object.hasOwn(OFFERED, path) ? OFFERED[path] : undefined;
    if (method === undefined)
      throw refusal("not_found", `There is nothing at ${BASE_PATH}${path.slice(0, 100)}.`);
    if (request.method !== method) {
      throw refusal("method_not_allowed", `${BASE_PATH}${path} takes ${method}.`, { allow: method });
    }
    this.#dependencies.hostCheck.assertOwnPage(request);
    this.#handler ??= this.#load();
    const handler = await this.#handler;
    return assertGranted(await handler(await withJsonBody(request)));
  }

  async #load(): Promise<(request: Request) => Promise<Response>> {
    const { betterAuth } = await import("better-auth");
    return betterAuth(authOptions(this.#dependencies, authDatabase(this.#dependencies.database))).handler;
  }
}

/** better-auth answers a body that is no JSON in its own ways; here it is the API's. */
async function withJsonBody(request: Request): Promise<Request> {
  if (request.method !== "POST") return request;
  const text = await request.text();
  try {
    if (text !== "") JSON.parse(text);
  } catch {
    throw refusal("invalid_json", "The body is not JSON.");
  }
  const headers = new Headers(request.headers);
  headers.set("content-type", "application/json");
  return new Request(request.url, { method: "POST", headers, body: text === "" ? "{}" : text });
}

const CODE_OF_STATUS: Record<number, ProblemCode> = {
  401: "unauthorized",
  403: "not_allowed",
  404: "not_found",
};

async function assertGranted(response: Response): Promise<Response> {
  if (response.status < 400) return response;
  const body: unknown = await response.json().catch(() => null);
  const said =
    typeof body === "object" && body !== null && "message" in body ? String(body.message) : "Refused.";
  if (response.status >= 500)
    throw new HoldpointError(`better-auth failed: ${said}`, { code: "internal", status: 500 });
  throw refusal(CODE_OF_STATUS[response.status] ?? "invalid_request", said);
}
