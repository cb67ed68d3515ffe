import type { HoldpointEvent } from "@holdpoint/protocol";
import type { Database } from "../database/database.ts";
import { renderEvent, type EventRow } from "../events/event-row.ts";

export interface AuditFilter {
  runId?: string | undefined;
  sessionId?: string | undefined;
  holdId?: string | undefined;
}

const PAGE = 500;

/** Every event that fits, in the order it was recorded, a bounded page at a time. */
export async function* exportEvents(
  database: Database,
  orgId: string,
  filter: AuditFilter,
): AsyncGenerator<HoldpointEvent> {
  let after = { xid: "0", id: "" };
  for (;;) {
    const rows = (await database.callIdempotent(
      "export_events_v1",
      orgId,
      filter,
      after.xid,
      after.id,
      PAGE,
    )) as EventRow[];
    for (const row of rows) yield renderEvent(row);
    const last = rows.at(-1);
    if (last === undefined || rows.length < PAGE) return;
    after = { xid: String(last.xid), id: last.id };
  }
}
