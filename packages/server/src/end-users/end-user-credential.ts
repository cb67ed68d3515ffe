import type { CheckedRequest, HostCheck } from "../identity/host-check.ts";
import { hashCredential } from "../identity/credential.ts";
import { ProblemError } from "../problem.ts";

const TOKEN_PREFIX = "hpu_";
const BEARER = /^bearer +(\S.*)$/i;

/**
 * What an end user brought, by its hash. The hashes are in a space of their own: one of them is nobody to `identify_v1`,
 * and a key's or a session's is nobody to `identify_end_user_v1`.
 */
export interface EndUserCredential {
  hash: string;
  via: "page" | "token";
}

export function renderEndUserToken(random: string): string {
  return TOKEN_PREFIX + random;
}

export function hashEndUserToken(token: string): string {
  return `end_user_token:${hashCredential(token)}`;
}

export function hashDevice(secret: string): string {
  return `end_user_device:${hashCredential(secret)}`;
}

/** Reads and writes the cookie of a device that has brought a link's code; only its hash is stored. */
export class DeviceCookie {
  readonly name: string;
  readonly #isHttps: boolean;

  constructor(isHttps: boolean) {
    this.name = isHttps ? "__Host-holdpoint_end_user" : "holdpoint_end_user";
    this.#isHttps = isHttps;
  }

  /** The first of that name that can be one of ours. */
  read(headers: Headers): string | undefined {
    for (const cookie of headers.get("cookie")?.split(";") ?? []) {
      const [name, value = ""] = cookie.trim().split("=", 2);
      if (name === this.name && /^[\w-]{43}$/.test(value)) return value;
    }
    return undefined;
  }

  /** SameSite=Lax and no stricter: the way back from a provider has to bring it. */
  issue(secret: string, maxAgeSeconds: number): string {
    const secure = this.#isHttps ? "; Secure" : "";
    return `${this.name}=${secret}; Max-Age=${Math.max(0, Math.floor(maxAgeSeconds))}; Path=/; HttpOnly; SameSite=Lax${secure}`;
  }
}

/** Knows an end user's request: a token from anywhere, a device's cookie from our own pages only. */
export class EndUserCredentials {
  readonly cookie: DeviceCookie;
  readonly #hostCheck: HostCheck;

  constructor({ isHttps, hostCheck }: { isHttps: boolean; hostCheck: HostCheck }) {
    this.cookie = new DeviceCookie(isHttps);
    this.#hostCheck = hostCheck;
  }

  /**
   * Throws `unauthorized` without one, and for a credential of another kind, which is never looked at here; `not_allowed`
   * for a cookie that another site's page sent.
   */
  read(request: CheckedRequest): EndUserCredential {
    const authorization = request.headers.get("authorization");
    if (authorization !== null) {
      const token = BEARER.exec(authorization)?.[1]?.trim() ?? "";
      if (!token.startsWith(TOKEN_PREFIX)) throw notAnEndUser();
      return { hash: hashEndUserToken(token), via: "token" };
    }
    const device = this.device(request);
    if (device === undefined) throw notAnEndUser();
    this.assertOwnPage(request);
    return { hash: device, via: "page" };
  }

  /** The hash of the device's cookie, if it has one. */
  device(request: CheckedRequest): string | undefined {
    const secret = this.cookie.read(request.headers);
    return secret === undefined ? undefined : hashDevice(secret);
  }

  assertOwnPage(request: CheckedRequest): void {
    this.#hostCheck.assertOwnPage(request);
  }
}

/** What is true of a link or token that counts no more, too. */
export function notAnEndUser(): ProblemError {
  return new ProblemError(
    "unauthorized",
    "This device or token is not known, or counts no more. Open the link of your latest message again, or ask for a new one; " +
      "an app asks its backend for a new token.",
    { headers: { "www-authenticate": 'Bearer realm="holdpoint-questions"' } },
  );
}
