import { createId } from "@holdpoint/protocol";
import type { Queries } from "../database/database.ts";
import { ProblemError } from "../problem.ts";
import { commonRefusal } from "../identity/common-refusal.ts";
import { eraseEntries, type Erasure, type ErasureSubject } from "./erase.ts";

/**
 * Erases what the log holds of an end user or a session, for an admin; of an end user also what the app has told of them,
 * their links and their tokens, so that no device of theirs is known any more. Each page of entries is erased in the transaction
 * that records it (I5): by whom, and how many entries; not of whom.
 *
 * Throws ProblemError `unauthorized` and `not_allowed`, `in_progress` while events wait for their place, and `conflict` at
 * an entry that was changed where it is stored: what came before it is erased, and recorded.
 */
export async function eraseForAdmin(
  database: Pick<Queries, "call">,
  credentialHash: string,
  subject: ErasureSubject,
): Promise<{ entries: number; eventIds: string[] }> {
  const { orgId } = await record(database, { credentialHash });
  const kind = "endUserId" in subject ? "end_user" : "session";
  const eventIds: string[] = [];
  const entries = await eraseEntries(database, { orgId, subject }, async (page) => {
    const eventId = createId("evt");
    const { erased } = await record(database, { credentialHash, eventId, subject: kind, entries: page });
    if (erased > 0) eventIds.push(eventId);
    return erased;
  });
  // Last: where the log is not ready, nothing of the person is gone yet.
  if ("endUserId" in subject) {
    const eventId = createId("evt");
    const { isErased } = requireDone(
      (await database.call("erase_end_user_v1", {
        credentialHash,
        endUserId: subject.endUserId,
        eventId,
      })) as ErasureAnswer & { isErased: boolean },
    );
    if (isErased) eventIds.push(eventId);
  }
  return { entries, eventIds };
}

interface ErasureCommand {
  credentialHash: string;
  eventId?: string;
  subject?: string;
  entries?: readonly Erasure[];
}

async function record(
  database: Pick<Queries, "call">,
  command: ErasureCommand,
): Promise<{ orgId: string; erased: number }> {
  return requireDone(
    (await database.call("record_erasure_v1", command)) as ErasureAnswer & { orgId: string; erased: number },
  );
}

interface ErasureAnswer {
  code: "ok" | "unauthorized" | "not_allowed";
  needs?: string;
}

function requireDone<Answer extends ErasureAnswer>(answer: Answer): Answer {
  if (answer.code === "ok") return answer;
  throw commonRefusal(answer) ?? new ProblemError("internal", "The database gave an answer that is none.");
}
