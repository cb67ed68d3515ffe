import { createHmac, hash, randomBytes } from "node:crypto";
import type { KEY_KINDS } from "@holdpoint/protocol";
import type { HostCheck, CheckedRequest } from "./host-check.ts";
import type { Secret } from "./secret.ts";
import type { SessionCookie } from "./session-cookie.ts";

type KeyKind = (typeof KEY_KINDS)[number];

const KEY_PREFIXES = { agent: "hpa_", operator: "hpo_", relay: "hpr_" } as const satisfies Record<
  KeyKind,
  string
>;
const BEARER = /^bearer +(\S.*)$/i;

/** What came with a request, by its hash: the text itself goes no further. Whose it is, the database knows. */
export interface Credential {
  /** As the hot functions take it: `credentialHash`. */
  hash: string;
  via: "key" | "session";
}

/** SHA-256 of a key, a link's token or the like, in hex. All of them are random, so no slow hash is needed. */
export function hashCredential(text: string): string {
  return hash("sha256", text, "hex");
}

/** The hash of a session's token; its prefix keeps tokens from being used as keys (`holdpoint.session_hash` is its twin). */
export function hashSessionToken(token: string): string {
  return `session:${hashCredential(token)}`;
}

/** 32 random bytes, 43 characters of base64url. */
export function randomToken(): string {
  return randomBytes(32).toString("base64url");
}

/**
 * A token that is the same whenever the same request is repeated, so that a repeated request can be answered with the
 * credential it made although only its hash was stored. As unguessable as the secret.
 */
export function repeatableToken(secret: Secret, ...names: string[]): string {
  return createHmac("sha256", secret.derive("repeatable-credential"))
    .update(JSON.stringify(names))
    .digest("base64url");
}

/** `hpa_…`, `hpo_…`, `hpr_…`: the kind shows, so that a leaked key is known for what it is. */
export function renderKey(kind: KeyKind, token: string): string {
  return KEY_PREFIXES[kind] + token;
}

/**
 * The credential of a request: `Authorization: Bearer`, else `X-API-Key`, else the session cookie; undefined when there is
 * none. Nothing is asked of the database.
 *
 * Throws HoldpointError `not_allowed` for a cookie that another site's page sent (see `HostCheck.assertOwnPage`).
 */
export function credentialOf(
  request: CheckedRequest,
  cookie: SessionCookie,
  hostCheck: HostCheck,
): Credential | undefined {
  const bearer = BEARER.exec(request.headers.get("authorization") ?? "")?.[1];
  const key = bearer?.trim() ?? request.headers.get("x-api-key")?.trim();
  if (key !== undefined && key !== "") return { hash: hashCredential(key), via: "key" };
  const token = cookie.read(request.headers);
  if (token === undefined) return undefined;
  hostCheck.assertOwnPage(request);
  return { hash: hashSessionToken(token), via: "session" };
}
