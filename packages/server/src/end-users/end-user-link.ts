import { randomBytes } from "node:crypto";
import { createId, type EndUserLink, type EndUserLinkView, type OpenedLink } from "@holdpoint/protocol";
import type { Database } from "../database/database.ts";
import { renderInstant, renderInstantOrNull } from "../database/instant.ts";
import { hashCredential, randomToken, repeatableToken } from "../identity/credential.ts";
import { idempotencyColumns, type Idempotency } from "../identity/idempotency.ts";
import type { Secret } from "../identity/secret.ts";
import { ProblemError } from "../problem.ts";
import { hashDevice } from "./end-user-credential.ts";
import { codeOfLink, hashCode } from "./link-code.ts";
import { assertManaged, type ManageAnswer } from "./refusal.ts";

interface LinkRow {
  id: string;
  end_user_id: string;
  created_at: string;
  expires_at: string;
  bound_at: string | null;
  ended_at: string | null;
  revoked_at: string | null;
}

export interface NewLink {
  credentialHash: string;
  endUserId: string;
  expiresInSeconds: number;
  idempotency?: Idempotency | undefined;
}

/** What a device gets when its code was right. */
export interface BoundDevice {
  link: OpenedLink;
  /** For its cookie; undefined on the device that the link was bound to before. */
  device: { secret: string; maxAgeSeconds: number } | undefined;
}

interface OpenAnswer {
  code: "ok" | "repeated" | "wrong_code" | "link_taken" | "link_ended" | "not_found";
  status: OpenedLink["status"];
  attemptsLeft: number;
  expiresAt: string;
  expiresInSeconds: number;
}

const MAX_WRONG_CODES = 5;

/**
 * Links to the hosted page. A link is a locator: it opens nothing until a device has brought the code that was printed
 * beside it, and from then on it opens for that device alone.
 */
export class EndUserLinks {
  readonly #database: Database;
  readonly #secret: Secret;
  readonly #publicUrl: string;

  constructor(database: Database, secret: Secret, publicUrl: string) {
    this.#database = database;
    this.#secret = secret;
    this.#publicUrl = publicUrl;
  }

  /** Tells link and code; repeated with the same idempotency it tells the same again. */
  async createLink({
    credentialHash,
    endUserId,
    expiresInSeconds,
    idempotency,
  }: NewLink): Promise<EndUserLink> {
    const link = idempotency
      ? repeatableToken(this.#secret, "end-user-link", credentialHash, endUserId, idempotency.key)
      : randomToken();
    const code = codeOfLink(this.#secret, link);
    const answer = (await this.#database.callIdempotent("create_end_user_link_v1", {
      credentialHash,
      endUserId,
      id: createId("lnk"),
      linkHash: hashCredential(link),
      codeHash: hashCode(link, code),
      expiresInSeconds,
      eventId: createId("evt"),
      ...idempotencyColumns(`${credentialHash} ${endUserId}`, idempotency),
    })) as ManageAnswer & { link: LinkRow };
    assertManaged(answer, `end user ${endUserId}`);
    return {
      id: answer.link.id,
      url: new URL(`/questions/open/${link}`, this.#publicUrl).href,
      code,
      expiresAt: renderInstant(answer.link.expires_at),
    };
  }

  /** Newest first, at most 200. */
  async listLinks(credentialHash: string, endUserId: string): Promise<EndUserLinkView[]> {
    const answer = (await this.#database.callIdempotent(
      "list_end_user_links_v1",
      credentialHash,
      endUserId,
    )) as ManageAnswer & { links: LinkRow[]; now: string };
    assertManaged(answer, `end user ${endUserId}`);
    return answer.links.map((row) => renderLink(row, answer.now));
  }

  /** Ends it at once, and the device that it was bound to. Repeating it changes nothing. */
  async revokeLink(credentialHash: string, endUserId: string, id: string): Promise<EndUserLinkView> {
    const answer = (await this.#database.callIdempotent("revoke_end_user_link_v1", {
      credentialHash,
      endUserId,
      id,
      eventId: createId("evt"),
    })) as ManageAnswer & { link: LinkRow; now: string };
    assertManaged(answer, `link ${id} of end user ${endUserId}`);
    return renderLink(answer.link, answer.now);
  }

  /** What the link is to a device. Changes nothing. Throws `not_found`. */
  async findLink(link: string, deviceHash: string | undefined): Promise<OpenedLink> {
    const answer = (await this.#database.callIdempotent(
      "find_end_user_link_v1",
      hashCredential(link),
      deviceHash,
    )) as { code: string; status: OpenedLink["status"]; wrongCodes: number; expiresAt: string };
    if (answer.code !== "ok") throw noSuchLink();
    return {
      status: answer.status,
      attemptsLeft: Math.max(0, MAX_WRONG_CODES - answer.wrongCodes),
      expiresAt: renderInstant(answer.expiresAt),
    };
  }

  /**
   * The press: the first device with the right code is bound. Throws `not_found`, `wrong_code` with `attemptsLeft`,
   * `link_taken` on any other device, `link_ended` where it is revoked, out of date, or was guessed at too often.
   */
  async openLink(link: string, code: string, deviceHash: string | undefined): Promise<BoundDevice> {
    const secret = randomToken();
    const answer = (await this.#database.callIdempotent("open_end_user_link_v1", {
      linkHash: hashCredential(link),
      codeHash: hashCode(link, code),
      nonce: randomBytes(16).toString("hex"),
      deviceHash,
      newDeviceHash: hashDevice(secret),
      eventId: createId("evt"),
    })) as OpenAnswer;
    if (answer.code !== "ok" && answer.code !== "repeated") throw openRefusal(answer);
    return {
      link: {
        status: "bound",
        attemptsLeft: answer.attemptsLeft,
        expiresAt: renderInstant(answer.expiresAt),
      },
      device: answer.code === "ok" ? { secret, maxAgeSeconds: answer.expiresInSeconds } : undefined,
    };
  }
}

function renderLink(row: LinkRow, now: string): EndUserLinkView {
  return {
    id: row.id,
    endUserId: row.end_user_id,
    status: statusOf(row, now),
    createdAt: renderInstant(row.created_at),
    expiresAt: renderInstant(row.expires_at),
    boundAt: renderInstantOrNull(row.bound_at),
  };
}

function statusOf(row: LinkRow, now: string): EndUserLinkView["status"] {
  if (row.revoked_at !== null) return "revoked";
  if (row.ended_at !== null) return "ended";
  if (renderInstant(row.expires_at) <= renderInstant(now)) return "expired";
  return row.bound_at === null ? "waiting" : "bound";
}

function noSuchLink(): ProblemError {
  return new ProblemError(
    "not_found",
    "This is no link to questions. It may have been cut off when it was copied.",
  );
}

const ENDED: Partial<Record<OpenedLink["status"], string>> = {
  revoked: "This link was withdrawn",
  ended: "This link was ended, because a wrong code was given too often",
  expired: "This link has expired",
};

function openRefusal(answer: OpenAnswer): ProblemError {
  const { attemptsLeft, status } = answer;
  switch (answer.code) {
    case "not_found":
      return noSuchLink();
    case "link_taken":
      return new ProblemError(
        "link_taken",
        "This link already works on another device, the one that opened it first. Go on there, or ask for a new link for this device.",
      );
    case "link_ended":
      return new ProblemError(
        "link_ended",
        `${ENDED[status] ?? "This link works no more"}. Ask for a new link.`,
        { linkStatus: status },
      );
    default:
      return attemptsLeft === 0
        ? new ProblemError("link_ended", `${ENDED.ended ?? ""}. Ask for a new link.`, {
            linkStatus: "ended",
          })
        : new ProblemError(
            "wrong_code",
            `That is not the code of this link. It stands in the same message as the link; ${attemptsLeft} ${attemptsLeft === 1 ? "try is" : "tries are"} left.`,
            { attemptsLeft },
          );
  }
}
