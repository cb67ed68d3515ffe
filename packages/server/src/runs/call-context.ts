import type { Logger } from "pino";
import type { CallContext, ToolDatabase } from "../agents/tool-context.ts";
import type { RunRow } from "./run-row.ts";

export interface CallContextOptions {
  run: RunRow;
  callId: string;
  attempt: number;
  /** So that what goes wrong after an approval is found by its hold (R270). */
  holdId: string | null;
  signal: AbortSignal;
  database: ToolDatabase;
  logger: Logger;
}

/** What a tool is told of its call. */
export function callContext(options: CallContextOptions): CallContext {
  const { run, callId, attempt, holdId, signal, database, logger } = options;
  return {
    orgId: run.org_id,
    agentId: run.agent_id,
    runId: run.id,
    toolCallId: callId,
    sessionId: run.session_id,
    endUser: run.endUser ?? null,
    metadata: run.metadata,
    idempotencyKey: callId,
    attempt,
    signal,
    logger: logger.child(holdId === null ? { toolCallId: callId } : { toolCallId: callId, holdId }),
    database,
  };
}
