import { refusal } from "./refusal.ts";

const LOOPBACK_NAMES = ["localhost", "127.0.0.1", "[::1]"];
/** RFC 9110 `Host`: a name or an address in brackets, and a port. Anything else (user info, paths) is refused. */
const HOST = /^(\[[0-9a-f:.]+\]|[a-z0-9._-]+)(?::(\d{1,5}))?$/i;
const SAFE_METHODS = ["GET", "HEAD", "OPTIONS"];

export interface HostCheckOptions {
  /** HOLDPOINT_PUBLIC_URL, or the address that was printed. */
  publicUrl: string;
  /** The port that this server listens on. Absent: loopback names are taken with any port. */
  port?: number | undefined;
  /** More names that lead here: `name` for its default ports, or `name:port`. */
  allowedHosts?: readonly string[] | undefined;
}

/** What is looked at in a request. */
export type CheckedRequest = Pick<Request, "method" | "headers" | "url">;

/**
 * Answers only to its own names, so that a page which points its own name at this machine (DNS rebinding) gets nothing,
 * and takes a cookie only from its own pages (CSRF).
 */
export class HostCheck {
  readonly #publicUrl: URL;
  readonly #port: number | undefined;
  readonly #allowed: Set<string>;

  constructor({ publicUrl, port, allowedHosts = [] }: HostCheckOptions) {
    this.#publicUrl = new URL(publicUrl);
    this.#port = port;
    this.#allowed = new Set([this.#publicUrl.host, ...allowedHosts.map((host) => host.toLowerCase())]);
  }

  /** Throws HoldpointError `wrong_host` (421) unless the request came for one of this server's names. */
  assertOwnHost(request: CheckedRequest): void {
    const host = hostOf(request);
    if (this.#isOwnHost(host)) return;
    throw refusal(
      "wrong_host",
      `This server does not answer to ${JSON.stringify(host.slice(0, 100))}. Use ${this.#publicUrl.origin}, ` +
        "or set HOLDPOINT_PUBLIC_URL to the address that people use.",
    );
  }

  /**
   * Throws HoldpointError `not_allowed` when the browser says that another site's page sent this, or when a
   * state-changing request does not say where it comes from. For requests whose credential is a cookie.
   */
  assertOwnPage(request: CheckedRequest): void {
    const site = request.headers.get("sec-fetch-site");
    const origin = request.headers.get("origin");
    // Pages cannot write Sec-Fetch-Site. With it, an Origin of "null" only means a strict referrer policy.
    const isOwn =
      origin === null || origin === "null" ? site === "same-origin" : this.isOwnOrigin(origin, request);
    if (SAFE_METHODS.includes(request.method)) {
      if (origin === null || isOwn) return;
    } else if (isOwn && (site === null || site === "same-origin")) {
      return;
    }
    throw refusal(
      "not_allowed",
      `This request came from another site (Origin: ${(origin ?? "none").slice(0, 100)}). A signed-in session counts only ` +
        "from this server's own pages; programs use an API key.",
    );
  }

  /** True for the origin of this server's own pages: the public one, or the one that the request itself went to. */
  isOwnOrigin(origin: string, request: CheckedRequest): boolean {
    if (origin === this.#publicUrl.origin) return true;
    const host = hostOf(request);
    if (host === this.#publicUrl.host) return false; // there, the scheme counts too
    return this.#isOwnHost(host) && (origin === `http://${host}` || origin === `https://${host}`);
  }

  #isOwnHost(host: string): boolean {
    const match = HOST.exec(host);
    if (!match) return false;
    const [, name = "", port] = match;
    if (this.#allowed.has(host)) return true;
    if ((port === undefined || port === "80" || port === "443") && this.#allowed.has(name)) return true;
    if (!LOOPBACK_NAMES.includes(name)) return false;
    return this.#port === undefined || Number(port ?? 80) === this.#port;
  }
}

function hostOf(request: CheckedRequest): string {
  return (request.headers.get("host") ?? new URL(request.url).host).toLowerCase();
}
