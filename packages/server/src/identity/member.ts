import { z } from "zod";
import { createId, instantSchema, ROLES, textSchema } from "@holdpoint/protocol";
import type { Database } from "../database/database.ts";
import { renderInstant } from "../database/instant.ts";
import { hashCredential } from "./credential.ts";
import { idempotencyColumns, type Idempotency } from "./idempotency.ts";
import { parseCursor, toPage, type Page, type PageOptions } from "./page.ts";
import { assertDone, type Answer } from "./refusal.ts";
import { INVITATION_SECONDS, type LinkRow, type SignInLink, type SignInLinks } from "./sign-in-link.ts";

const TASK = "manage members";

/** Body of `POST /v1/members`. */
export const addMemberSchema = z.strictObject({
  // Compared without regard to case. `admin@localhost` is one too.
  email: textSchema(200, 3).regex(/^[^\s@]+@[^\s@]+$/, "must be a mail address"),
  name: textSchema(200, 1),
  role: z.enum(ROLES),
});
export type AddMember = z.infer<typeof addMemberSchema>;

export const memberSchema = z.object({
  id: z.string(),
  email: z.string(),
  name: z.string(),
  role: z.enum(ROLES),
  createdAt: instantSchema,
});
export type Member = z.infer<typeof memberSchema>;

/** A row of holdpoint.members as JSON. */
export interface MemberRow {
  org_id: string;
  id: string;
  email: string;
  name: string;
  role: Member["role"];
  created_at: string;
}

/** The people of an organisation, for whoever holds an admin's credential. */
export class Members {
  readonly #database: Database;
  readonly #links: SignInLinks;

  constructor(database: Database, links: SignInLinks) {
    this.#database = database;
    this.#links = links;
  }

  /**
   * Adds a person with a sign-in link that works once within a day. Someone who was removed comes back as the same member.
   * Throws HoldpointError `unauthorized`, `not_allowed`, `conflict` for who is a member already, `idempotency_mismatch`.
   */
  async addMember(
    credentialHash: string,
    input: AddMember,
    idempotency?: Idempotency,
  ): Promise<{ member: Member; signInLink: SignInLink }> {
    const token = this.#links.newToken(credentialHash, "new member", idempotency);
    const answer = (await this.#database.callIdempotent("add_member_v1", {
      credentialHash,
      memberId: createId("mem"),
      userId: crypto.randomUUID(),
      email: input.email.toLowerCase(),
      name: input.name,
      role: input.role,
      linkHash: hashCredential(token),
      linkSeconds: INVITATION_SECONDS,
      ...idempotencyColumns(credentialHash, idempotency),
    })) as Answer & { member: MemberRow; link: LinkRow };
    assertDone(answer, {
      task: TASK,
      conflict: `${input.email} is a member already (${answer.member?.id}).`,
    });
    return { member: renderMember(answer.member), signInLink: this.#links.render(token, answer.link) };
  }

  /** Oldest first. Throws HoldpointError `unauthorized`, `not_allowed`, `invalid_request` for a strange cursor. */
  async listMembers(credentialHash: string, { limit, cursor }: PageOptions): Promise<Page<Member>> {
    const answer = (await this.#database.callIdempotent("list_members_v1", {
      credentialHash,
      afterId: cursor === undefined ? null : parseCursor("mem", cursor),
      limit,
    })) as Answer & { page: MemberRow[] };
    assertDone(answer, { task: TASK });
    return toPage(answer.page.map(renderMember), limit);
  }

  /**
   * From the next request on no session, operator key or link of theirs works; what they decided stays.
   * Throws HoldpointError `unauthorized`, `not_allowed`, `not_found`, `conflict` for the last admin.
   */
  async removeMember(credentialHash: string, id: string): Promise<Member> {
    const answer = (await this.#database.callIdempotent("remove_member_v1", {
      credentialHash,
      id,
    })) as Answer & {
      member: MemberRow;
    };
    assertDone(answer, {
      task: TASK,
      notFound: `There is no member ${id}.`,
      conflict: `${id} is the last admin; make somebody else one first.`,
    });
    return renderMember(answer.member);
  }
}

export function renderMember(row: MemberRow): Member {
  return {
    id: row.id,
    email: row.email,
    name: row.name,
    role: row.role,
    createdAt: renderInstant(row.created_at),
  };
}
