import { setTimeout as delay } from "node:timers/promises";
import { createId, HoldpointError, type SessionDeleted } from "@holdpoint/protocol";
import { eraseEntries } from "../audit/erase.ts";
import type { Database } from "../database/database.ts";
import { sessionRefusal, type SessionAnswer } from "./read-sessions.ts";

/** What was recorded a moment ago is in the log within a second. */
const LOG_TRIES = 20;
const LOG_DELAY_MS = 250;

/** An admin, by a credential; or the service itself, when the session's time is over. */
export type SessionDeleter =
  | { credentialHash: string }
  | { retentionOrgId: string; unusedDays: number | undefined };

/**
 * Deletes a session with everything personal in it: its runs with input, output, messages, arguments and results, its holds
 * with what was decided and said. In the audit log what happened, when, and who of the organisation decided stays, and so do
 * all hashes and proofs; the clear values are erased.
 *
 * In steps, each repeatable: from the first on the session takes nothing new and is seen by nobody; what is not finished, the
 * session keeper finishes. Throws `session_busy` while a run of it is not over or a hold of it is open, `in_progress` while
 * events wait for their place in the log, `not_found`, and `not_allowed` for all but admins.
 */
export async function deleteSession(
  database: Pick<Database, "call" | "callIdempotent">,
  by: SessionDeleter,
  sessionId: string,
): Promise<SessionDeleted> {
  const ask = async <Answer extends object>(name: `${string}_v1`, more: object): Promise<Answer> => {
    const answer = (await database.callIdempotent(name, { ...by, ...more })) as SessionAnswer & Answer;
    if (answer.code !== "ok") throw sessionRefusal(answer, sessionId);
    return answer;
  };
  const { orgId } = await ask<{ orgId: string }>("begin_session_deletion_v1", { sessionId });
  const erase = () =>
    eraseEntries(database, { orgId, subject: { sessionId } }, async (page) => {
      const { erased } = await ask<{ erased: number }>("erase_session_entries_v1", {
        eventId: createId("evt"),
        entries: page,
      });
      return erased;
    });
  const entries = await onceLogged(erase);
  const { runs, holds } = await ask<{ runs: number; holds: number }>("delete_session_v1", {
    sessionId,
    entries,
    eventId: createId("evt"),
  });
  return { id: sessionId, runs, holds, entries };
}

async function onceLogged(erase: () => Promise<number>): Promise<number> {
  for (let tries = 1; ; tries++) {
    try {
      return await erase();
    } catch (error) {
      if (!HoldpointError.isInstance(error) || error.code !== "in_progress" || tries === LOG_TRIES)
        throw error;
      await delay(LOG_DELAY_MS);
    }
  }
}
