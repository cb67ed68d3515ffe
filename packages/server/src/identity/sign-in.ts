import { HoldpointError } from "@holdpoint/protocol";
import type { Database } from "../database/database.ts";
import type { HostCheck } from "./host-check.ts";
import { refusal } from "./refusal.ts";
import { renderProblemPage, renderSignInPage } from "./sign-in-page.ts";
import type { SignInLinks } from "./sign-in-link.ts";
import type { SessionCookie } from "./session-cookie.ts";

const TOKEN_PATH = /\/sign-in\/([A-Za-z0-9_-]{1,200})\/?$/;

export interface SignInDependencies {
  database: Database;
  links: SignInLinks;
  cookie: SessionCookie;
  hostCheck: HostCheck;
}

/** The pages that sign a person in and out, as functions of a request. */
export class SignIn {
  readonly #database: Database;
  readonly #links: SignInLinks;
  readonly #cookie: SessionCookie;
  readonly #hostCheck: HostCheck;

  constructor({ database, links, cookie, hostCheck }: SignInDependencies) {
    this.#database = database;
    this.#links = links;
    this.#cookie = cookie;
    this.#hostCheck = hostCheck;
  }

  /**
   * `/sign-in` and `/sign-in/<token>`: GET shows who would be signed in and changes nothing; POST, from that page, uses the
   * link and leads to `/` with a session. Always answers a page; throws HoldpointError `method_not_allowed`.
   */
  async answerSignIn(request: Request): Promise<Response> {
    const token = TOKEN_PATH.exec(new URL(request.url).pathname)?.[1];
    switch (request.method) {
      case "GET":
      case "HEAD":
        return this.#showLink(token);
      case "POST":
        return this.#useLink(request, token);
      default:
        throw refusal("method_not_allowed", "A sign-in link takes GET and POST.", {
          allow: "GET, HEAD, POST",
        });
    }
  }

  /**
   * `POST /sign-out`: ends the session at once and takes the cookie away. Without a session it does the same.
   * Throws HoldpointError `not_allowed` for another site's page, `method_not_allowed`.
   */
  async answerSignOut(request: Request): Promise<Response> {
    if (request.method !== "POST") {
      throw refusal("method_not_allowed", "Signing out is a POST.", { allow: "POST" });
    }
    this.#hostCheck.assertOwnPage(request);
    const token = this.#cookie.read(request.headers);
    // The trigger on auth.session ends the session that requests are authenticated by.
    if (token !== undefined)
      await this.#database.query('delete from auth."session" where "token" = $1', [token]);
    return redirect("/sign-in", this.#cookie.clear());
  }

  async #showLink(token: string | undefined): Promise<Response> {
    if (token === undefined) return renderProblemPage("signed_out");
    const link = await this.#links.findLink(token);
    return link.code === "ok" ? renderSignInPage(link) : renderProblemPage(link.code);
  }

  async #useLink(request: Request, token: string | undefined): Promise<Response> {
    if (token === undefined) return renderProblemPage("not_found");
    try {
      // Also without a cookie: another site must not sign people in as somebody of its choice.
      this.#hostCheck.assertOwnPage(request);
    } catch (error) {
      if (HoldpointError.isInstance(error)) return renderProblemPage("foreign_page");
      throw error;
    }
    const used = await this.#links.useLink(token, request.headers.get("user-agent"));
    if (used.code !== "ok") return renderProblemPage(used.code);
    return redirect("/", this.#cookie.issue(used.token));
  }
}

function redirect(location: string, cookie: string): Response {
  const headers = {
    location,
    "set-cookie": cookie,
    "cache-control": "no-store",
    "referrer-policy": "same-origin",
  };
  return new Response(null, { status: 303, headers });
}
