import { createId } from "@holdpoint/protocol";
import type { Database } from "../database/database.ts";
import { ProblemError } from "../problem.ts";
import { notAllowed, unauthorized } from "../identity/principal.ts";
import { eraseEntries, type ErasureSubject } from "./erase.ts";

/**
 * Erases what the log holds of an end user or a session, for an admin, and records that it was done: by whom, and how
 * many entries; not of whom.
 *
 * Throws ProblemError `unauthorized` and `not_allowed`, and `in_progress` while events wait for their place.
 */
export async function eraseForAdmin(
  database: Database,
  credentialHash: string,
  subject: ErasureSubject,
): Promise<{ entries: number; eventId: string | null }> {
  const { orgId } = await record(database, { credentialHash });
  const entries = await eraseEntries(database, orgId, subject);
  if (entries === 0) return { entries, eventId: null };
  const eventId = createId("evt");
  const kind = "endUserId" in subject ? "end_user" : "session";
  await record(database, { credentialHash, eventId, subject: kind, entries });
  return { entries, eventId };
}

interface Erasure {
  credentialHash: string;
  eventId?: string;
  subject?: string;
  entries?: number;
}

async function record(database: Database, erasure: Erasure): Promise<{ orgId: string }> {
  const answer = (await database.call("record_erasure_v1", erasure)) as {
    code: "ok" | "unauthorized" | "not_allowed";
    orgId: string;
    needs?: string;
  };
  switch (answer.code) {
    case "ok":
      return answer;
    case "unauthorized":
      throw unauthorized();
    case "not_allowed":
      throw notAllowed(answer.needs ?? "role admin");
    default:
      throw new ProblemError("internal", "The database gave an answer that is none.");
  }
}
