import { createId, type RunNote, type TellRun } from "@holdpoint/protocol";
import type { Database } from "../database/database.ts";
import type { Wakeups } from "../events/wakeups.ts";
import { runRefusal, type RunAnswer } from "./run-refusal.ts";
import { ProblemError } from "../problem.ts";
import { runEnded } from "./run-ended.ts";
import { renderNote, type NoteRow, type RunRow } from "./run-row.ts";

export interface SteerDeps {
  database: Database;
  wakeups: Pick<Wakeups, "publish">;
}

/** Of every request that steers: who, which run, and what makes a repetition known. */
export interface SteerRequest {
  credentialHash: string;
  runId: string;
  idempotency: { key: string; bodyHash: string } | undefined;
}

/**
 * Keeps a word for the agent, which it hears before its model is asked the next time; where the run would end, it takes one more
 * step for it. One round trip. Throws `run_ended`, `not_found` and `not_allowed`.
 */
export async function tellRun(
  { database, wakeups }: SteerDeps,
  request: SteerRequest & { body: TellRun },
): Promise<RunNote> {
  const { credentialHash, runId, body, idempotency } = request;
  const answer = (await database.callIdempotent("tell_run_v1", {
    credentialHash,
    runId,
    text: body.text,
    noteId: createId("note"),
    eventId: createId("evt"),
    idempotencyKey: idempotency?.key,
    bodyHash: idempotency?.bodyHash,
  })) as RunAnswer & { note?: NoteRow; run?: RunRow };
  const { note, run } = answer;
  if (answer.code === "run_ended" && run !== undefined)
    throw runEnded(run, "nobody is left to tell anything");
  if (answer.code === "too_many_notes")
    throw new ProblemError("conflict", `Run ${runId} has not heard 100 messages yet: wait until it has.`);
  if ((answer.code !== "ok" && answer.code !== "repeated") || note === undefined || run === undefined)
    throw runRefusal(answer, runId);
  if (answer.code === "ok") wakeups.publish([`run:${run.id}`, `org:${run.org_id}`]);
  return renderNote(note);
}
