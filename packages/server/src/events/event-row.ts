import type { EventType, HoldpointEvent, JsonObject } from "@holdpoint/protocol";
import { renderInstant } from "../database/instant.ts";

/** A row of holdpoint.events as `row_to_json` gives it. */
export interface EventRow {
  org_id: string;
  id: string;
  xid: string | number;
  type: EventType;
  created_at: string;
  actor_kind: string;
  actor_id: string | null;
  actor_name: string | null;
  decision: string | null;
  rationale: string | null;
  action_name: string | null;
  action_hash: string | null;
  hold_id: string | null;
  run_id: string | null;
  tool_call_id: string | null;
  session_id: string | null;
  agent_id: string | null;
  end_user_id: string | null;
  data: JsonObject;
}

export function renderEvent(row: EventRow): HoldpointEvent {
  return {
    id: row.id,
    type: row.type,
    createdAt: renderInstant(row.created_at),
    actor: { kind: row.actor_kind, id: row.actor_id, name: row.actor_name },
    decision: row.decision,
    rationale: row.rationale,
    actionName: row.action_name,
    actionHash: row.action_hash,
    holdId: row.hold_id,
    runId: row.run_id,
    toolCallId: row.tool_call_id,
    sessionId: row.session_id,
    agentId: row.agent_id,
    endUserId: row.end_user_id,
    data: row.data,
  };
}
