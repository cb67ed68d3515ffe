import type { Database } from "../database/database.ts";
import { renderEvent, type EventRow } from "../events/event-row.ts";
import { decodeCursor, encodeCursor } from "../database/cursor.ts";
import type { AuditFilter } from "./export-events.ts";
import { auditEntry, type AuditEntry } from "./render-report.ts";

export interface EntryFilter extends AuditFilter {
  agentId?: string | undefined;
  /** The member, agent or service that did it. */
  actorId?: string | undefined;
  /** The part of an event's type before its dot. */
  about?: string | undefined;
}

export interface EntryPage {
  data: AuditEntry[];
  nextCursor: string | null;
}

/** A page of an organisation's log for people who look at it, newest first. One round trip. */
export async function listEntries(
  database: Database,
  orgId: string,
  filter: EntryFilter,
  page: { limit: number; cursor: string | undefined },
): Promise<EntryPage> {
  const before = page.cursor === undefined ? undefined : decodeCursor(page.cursor, "newest");
  const rows = (await database.callIdempotent(
    "list_events_v1",
    orgId,
    filter,
    before?.key,
    before?.id,
    page.limit + 1,
  )) as EventRow[];
  const shown = rows.slice(0, page.limit);
  const last = shown.at(-1);
  return {
    data: shown.map((row) => auditEntry(renderEvent(row))),
    nextCursor:
      rows.length > page.limit && last !== undefined
        ? encodeCursor("newest", { id: last.id, key: String(last.xid) })
        : null,
  };
}
