import type { PolicyFacts } from "@holdpoint/core";
import { createId, isJsonObject, type JsonObject, type Reason, type Route } from "@holdpoint/protocol";
import { renderInstant } from "../database/instant.ts";
import type { Queries } from "../database/database.ts";
import { recalledFacts } from "./stored-facts.ts";

/** An action of the log, with what the policy was asked about it and what became of it. */
export interface RecordedAction {
  eventId: string;
  createdAt: string;
  name: string;
  holdId: string | null;
  held: boolean;
  rule: string | null;
  /** Null of what was not held. */
  route: Route | null;
  facts: PolicyFacts;
  reasons: Reason[];
  shadow: JsonObject | null;
}

interface EventRow {
  id: string;
  type: "hold.created" | "action.auto_proceeded";
  created_at: string;
  agent_id: string | null;
  end_user_id: string | null;
  hold_id: string | null;
  data: JsonObject;
}

const BATCH = 500;
/** More than that is not read for one answer; the answer says so. */
export const MAX_ACTIONS = 50_000;

/** The recorded actions since an instant (Unix milliseconds), oldest first, read in bounded batches. */
export async function* readRecordedActions(
  database: Pick<Queries, "call">,
  orgId: string,
  sinceMs: number,
): AsyncGenerator<RecordedAction[]> {
  // Ids sort by time: this is the smallest of that millisecond.
  let after: string = createId("evt", {
    now: Math.max(0, sinceMs),
    random: (length) => new Uint8Array(length),
  });
  for (let read = 0; read < MAX_ACTIONS; read += BATCH) {
    const rows = (await database.call("policy_actions_v1", orgId, after, BATCH)) as EventRow[];
    const last = rows.at(-1);
    if (last === undefined) return;
    yield rows.flatMap((row) => recordedAction(row) ?? []);
    after = last.id;
    if (rows.length < BATCH) return;
  }
}

function recordedAction(row: EventRow): RecordedAction | undefined {
  const { action, facts, shadow, reasons } = row.data;
  if (!isJsonObject(action) || !isJsonObject(facts) || typeof action["name"] !== "string") return undefined;
  const args = isJsonObject(action["arguments"]) ? action["arguments"] : {};
  const held = row.type === "hold.created";
  return {
    eventId: row.id,
    createdAt: renderInstant(row.created_at),
    name: action["name"],
    holdId: row.hold_id,
    held,
    rule: typeof row.data["rule"] === "string" ? row.data["rule"] : null,
    route: held ? ((row.data["route"] as unknown as Route | undefined) ?? null) : null,
    facts: recalledFacts(facts, { name: action["name"], arguments: args }),
    reasons: (reasons as unknown as Reason[] | undefined) ?? [],
    shadow: isJsonObject(shadow) ? shadow : null,
  };
}
