import type { JsonObject, listSessionsSchema, Session, SessionSummary } from "@holdpoint/protocol";
import type { z } from "zod";
import { decodeCursor, encodeCursor } from "../database/cursor.ts";
import type { Database } from "../database/database.ts";
import { renderInstant } from "../database/instant.ts";
import { commonRefusal } from "../identity/common-refusal.ts";
import { ProblemError } from "../problem.ts";
import { renderRunSummary, type RunRow } from "../runs/run-row.ts";

interface SessionRow {
  org_id: string;
  id: string;
  end_user_id: string | null;
  created_at: string;
  last_used_at: string;
}

interface SummaryRow {
  session: SessionRow;
  runCount: number;
  lastRun: RunRow | null;
}

export interface SessionAnswer {
  code: string;
  needs?: string | null;
}

/** Runs of a session that are shown with it. */
const SHOWN_RUNS = 50;
const SORT = "sessions";

/** A page of sessions, the one used last first. One round trip. */
export async function listSessions(
  database: Database,
  credentialHash: string,
  { cursor, ...query }: z.output<typeof listSessionsSchema>,
): Promise<{ data: SessionSummary[]; nextCursor: string | null }> {
  const after = cursor === undefined ? undefined : decodeCursor(cursor, SORT);
  if (after !== undefined && Number.isNaN(Date.parse(after.key ?? "")))
    throw new ProblemError(
      "invalid_request",
      "The cursor is not one of this list. Start again without a cursor.",
      {
        errors: [{ path: "cursor", message: "is not one of this list" }],
      },
    );
  const answer = (await database.callIdempotent("list_sessions_v1", {
    credentialHash,
    ...query,
    afterId: after?.id,
    afterUsedAt: after?.key,
  })) as SessionAnswer & { page: SummaryRow[] };
  if (answer.code !== "ok") throw sessionRefusal(answer, "");
  const rows = answer.page.slice(0, query.limit);
  const last = rows.at(-1)?.session;
  return {
    data: rows.map(renderSummary),
    nextCursor:
      answer.page.length > query.limit && last !== undefined
        ? encodeCursor(SORT, { id: last.id, key: last.last_used_at })
        : null,
  };
}

/** One session with its last runs and what was said in them. One round trip; throws `not_found`. */
export async function getSession(database: Database, credentialHash: string, id: string): Promise<Session> {
  const answer = (await database.callIdempotent(
    "get_session_v1",
    credentialHash,
    id,
    SHOWN_RUNS,
  )) as SessionAnswer & {
    summary: SummaryRow;
    runs: RunRow[];
    messages: { runId: string; message: JsonObject }[];
    endUser: Session["endUser"];
  };
  if (answer.code !== "ok") throw sessionRefusal(answer, id);
  const { summary, runs, messages, endUser } = answer;
  return { ...renderSummary(summary), endUser, runs: runs.map(renderRunSummary), messages };
}

function renderSummary({ session, runCount, lastRun }: SummaryRow): SessionSummary {
  return {
    id: session.id,
    orgId: session.org_id,
    endUserId: session.end_user_id,
    runCount,
    lastRun: lastRun === null ? null : renderRunSummary(lastRun),
    createdAt: renderInstant(session.created_at),
    lastUsedAt: renderInstant(session.last_used_at),
  };
}

/** The refusal of a function of sessions as the problem it is told as. */
export function sessionRefusal(
  answer: SessionAnswer & { run?: RunRow; holdId?: string },
  id: string,
): ProblemError {
  switch (answer.code) {
    case "not_found":
      return new ProblemError("not_found", `There is no session ${id} here.`);
    case "session_busy": {
      const { run, holdId } = answer;
      if (run === undefined) {
        const what = holdId === undefined ? "" : ` Hold ${holdId} of it is open: decide or cancel it.`;
        return new ProblemError("session_busy", `Session ${id} is in use.${what}`, { holdId });
      }
      const why =
        run.status === "cancelled"
          ? "was cancelled while a call of it executes: wait until that has reported"
          : `is ${run.status}: wait for its end, or cancel it`;
      return new ProblemError("session_busy", `Run ${run.id} of session ${id} ${why}.`, {
        runId: run.id,
        runStatus: run.status,
      });
    }
    default: {
      const common = commonRefusal(answer);
      if (common !== undefined) return common;
      throw new TypeError(`hot function answered with an unknown code: ${answer.code}`);
    }
  }
}
