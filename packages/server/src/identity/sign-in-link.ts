import type { Database } from "../database/database.ts";
import { renderInstant } from "../database/instant.ts";
import { hashCredential, randomToken, repeatableToken } from "./credential.ts";
import { idempotencyColumns, type Idempotency } from "./idempotency.ts";
import { assertDone, type Answer } from "./refusal.ts";
import type { Secret } from "./secret.ts";
import { SESSION_SECONDS } from "./session-cookie.ts";

/** How long a sign-in link works, and one that invites a new member. */
export const LINK_SECONDS = 15 * 60;
export const INVITATION_SECONDS = 24 * 3_600;

/** A link that signs its member in, once. */
export interface SignInLink {
  url: string;
  expiresAt: string;
}

/** What of a row of holdpoint.sign_in_links is told. */
export interface LinkRow {
  expires_at: string;
}

/** Whether a link still works, and for whom. */
export type FoundLink =
  | { code: "ok" | "used" | "expired"; name: string; email: string; organisation: string }
  | { code: "not_found" };

export type UsedLink =
  | { code: "ok"; orgId: string; memberId: string; token: string }
  | { code: "used" | "expired" | "not_found" };

/** One-time sign-in links. Only the hash of their token is stored. */
export class SignInLinks {
  readonly #database: Database;
  readonly #secret: Secret;
  readonly #publicUrl: string;

  constructor(database: Database, secret: Secret, publicUrl: string) {
    this.#database = database;
    this.#secret = secret;
    this.#publicUrl = publicUrl;
  }

  /** For an admin; the member `me` is the admin. Throws HoldpointError `unauthorized`, `not_allowed`, `not_found`, `idempotency_mismatch`. */
  async createSignInLink(
    credentialHash: string,
    memberId: string,
    idempotency?: Idempotency,
  ): Promise<SignInLink> {
    const token = this.newToken(credentialHash, memberId, idempotency);
    return this.#create(token, {
      credentialHash,
      memberId,
      ...idempotencyColumns(credentialHash, idempotency),
    });
  }

  /** For the service itself, which prints one at start. Throws HoldpointError `not_found`. */
  async createOwnSignInLink(orgId: string, memberId: string): Promise<SignInLink> {
    return this.#create(randomToken(), { orgId, memberId });
  }

  /** Changes nothing: showing a link's page does not use it. */
  async findLink(token: string): Promise<FoundLink> {
    return (await this.#database.callIdempotent("find_sign_in_link_v1", hashCredential(token))) as FoundLink;
  }

  /** Uses a link and starts a session, or says why not; of any number at the same time one gets `ok`. */
  async useLink(token: string, userAgent: string | null): Promise<UsedLink> {
    const sessionToken = randomToken();
    const answer = (await this.#database.callIdempotent("use_sign_in_link_v1", {
      linkHash: hashCredential(token),
      sessionId: crypto.randomUUID(),
      token: sessionToken,
      sessionSeconds: SESSION_SECONDS,
      ipAddress: null,
      userAgent: userAgent?.slice(0, 300) ?? null,
    })) as UsedLink;
    return answer.code === "ok" ? { ...answer, token: sessionToken } : answer;
  }

  /** `subject`: whom the link is for, so that one idempotency key may serve for several. */
  newToken(credentialHash: string, subject: string, idempotency: Idempotency | undefined): string {
    return idempotency
      ? repeatableToken(this.#secret, "link", credentialHash, subject, idempotency.key)
      : randomToken();
  }

  render(token: string, row: LinkRow): SignInLink {
    return {
      url: new URL(`/sign-in/${token}`, this.#publicUrl).href,
      expiresAt: renderInstant(row.expires_at),
    };
  }

  async #create(token: string, command: Record<string, unknown> & { memberId: string }): Promise<SignInLink> {
    const answer = (await this.#database.callIdempotent("create_sign_in_link_v1", {
      ...command,
      linkHash: hashCredential(token),
      linkSeconds: LINK_SECONDS,
    })) as Answer & { link: LinkRow };
    assertDone(answer, { task: "make sign-in links", notFound: `There is no member ${command.memberId}.` });
    return this.render(token, answer.link);
  }
}
