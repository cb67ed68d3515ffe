import type { Logger } from "pino";
import type { ToolContext, ToolDatabase } from "../agents/tool-context.ts";
import type { RunRow } from "./run-row.ts";

export interface CallContextOptions {
  run: RunRow;
  callId: string;
  attempt: number;
  signal: AbortSignal;
  database: ToolDatabase;
  logger: Logger;
}

/** What a tool is told of its call. */
export function callContext({
  run,
  callId,
  attempt,
  signal,
  database,
  logger,
}: CallContextOptions): ToolContext {
  return {
    orgId: run.org_id,
    agentId: run.agent_id,
    runId: run.id,
    toolCallId: callId,
    sessionId: run.session_id,
    endUser: run.end_user_id === null ? null : { id: run.end_user_id },
    metadata: run.metadata,
    idempotencyKey: callId,
    attempt,
    signal,
    logger: logger.child({ runId: run.id, toolCallId: callId }),
    database,
  };
}
