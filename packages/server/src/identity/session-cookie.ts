import { createHmac, timingSafeEqual } from "node:crypto";
import type { Secret } from "./secret.ts";

/** How long a session lasts from its start or its last renewal. */
export const SESSION_SECONDS = 7 * 24 * 3_600;

/** What is common to our writing of the cookie and better-auth's. */
export const SESSION_COOKIE_ATTRIBUTES = { httpOnly: true, sameSite: "lax", path: "/" } as const;

export interface SessionCookieOptions {
  secret: Secret;
  /** The public address is https: the cookie is `Secure` and bound to this host (`__Host-`, RFC 6265bis). */
  isHttps: boolean;
}

/**
 * The session cookie: better-auth's, read and written here without better-auth.
 *
 * Its value is `<token>.<HMAC-SHA-256 of the token, base64>`, percent-encoded. The signature is what makes a token that
 * was read out of the database worthless.
 */
export class SessionCookie {
  readonly name: string;
  /** As better-auth takes it. */
  readonly signingKey: string;
  readonly #isHttps: boolean;

  constructor({ secret, isHttps }: SessionCookieOptions) {
    this.name = isHttps ? "__Host-holdpoint_session" : "holdpoint_session";
    this.signingKey = secret.derive("session-cookie").toString("base64url");
    this.#isHttps = isHttps;
  }

  /** The token of the first well-signed session cookie: another port's page may have set one of the same name. */
  read(headers: Headers): string | undefined {
    const cookies = headers.get("cookie");
    if (cookies === null || !cookies.includes(this.name)) return undefined;
    for (const cookie of cookies.split(";")) {
      const [name, value = ""] = splitOnce(cookie.trim(), "=");
      const token = name === this.name ? this.#verify(value) : undefined;
      if (token !== undefined) return token;
    }
    return undefined;
  }

  /** The `Set-Cookie` that starts a session. */
  issue(token: string): string {
    return this.#render(
      encodeURIComponent(`${token}.${this.#sign(token).toString("base64")}`),
      SESSION_SECONDS,
    );
  }

  /** The `Set-Cookie` that takes it away. */
  clear(): string {
    return this.#render("", 0);
  }

  #verify(encoded: string): string | undefined {
    let value: string;
    try {
      value = decodeURIComponent(encoded);
    } catch {
      return undefined; // a stray percent sign
    }
    const end = value.lastIndexOf(".");
    if (end < 1) return undefined;
    const token = value.slice(0, end);
    const signature = Buffer.from(value.slice(end + 1), "base64");
    const expected = this.#sign(token);
    return signature.length === expected.length && timingSafeEqual(signature, expected) ? token : undefined;
  }

  #sign(token: string): Buffer {
    return createHmac("sha256", this.signingKey).update(token).digest();
  }

  #render(value: string, maxAgeSeconds: number): string {
    const secure = this.#isHttps ? "; Secure" : "";
    return `${this.name}=${value}; Max-Age=${maxAgeSeconds}; Path=/; HttpOnly; SameSite=Lax${secure}`;
  }
}

function splitOnce(text: string, separator: string): [string, string?] {
  const at = text.indexOf(separator);
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at + 1)];
}
