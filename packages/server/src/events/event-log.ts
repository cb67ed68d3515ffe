import type { HoldpointEvent } from "@holdpoint/protocol";
import type { Database } from "../database/database.ts";
import { ProblemError } from "../problem.ts";
import { renderEvent, type EventRow } from "./event-row.ts";

/**
 * A place in an organisation's log: everything up to it has been read, and nothing can appear before it any more.
 * Ordered by transaction, then id; an id alone loses events whose transaction commits late (I12).
 */
export interface EventCursor {
  xid: string;
  id: string;
}

export const START_OF_LOG: EventCursor = { xid: "0", id: "" };

export interface EventFilter {
  orgId: string;
  runId?: string | undefined;
  holdId?: string | undefined;
}

/** What any stream tells: told apart by its id, named by its type. */
export interface LogEvent {
  id: string;
  type: string;
}

/** An event with its place in the log. */
export interface ReadLogEvent<Event extends LogEvent> {
  event: Event;
  cursor: EventCursor;
  /** Whether a cursor may stand on this event: every transaction before it has ended. */
  isSafe: boolean;
}
export type ReadEvent = ReadLogEvent<HoldpointEvent>;

/** A page of the log after a cursor. One round trip. */
export async function readEvents(
  database: Database,
  filter: EventFilter,
  after: EventCursor,
  limit: number,
): Promise<ReadEvent[]> {
  const rows = (await database.callIdempotent(
    "read_events_v1",
    filter.orgId,
    after.xid,
    after.id,
    filter.runId,
    filter.holdId,
    limit,
  )) as { isSafe: boolean; event: EventRow }[];
  return rows.map(({ isSafe, event }) => ({
    event: renderEvent(event),
    isSafe,
    cursor: { xid: String(event.xid), id: event.id },
  }));
}

/** The cursor of a stream that starts now. */
export async function currentCursor(database: Database): Promise<EventCursor> {
  return { xid: String(await database.callIdempotent("events_horizon_v1")), id: "" };
}

/** Under zero when the first stands before the second, in the order of the log. */
export function compareCursors(a: EventCursor, b: EventCursor): number {
  // Decimal numbers without leading zeros: the longer one is the greater.
  if (a.xid.length !== b.xid.length) return a.xid.length - b.xid.length;
  if (a.xid !== b.xid) return a.xid < b.xid ? -1 : 1;
  return a.id === b.id ? 0 : a.id < b.id ? -1 : 1;
}

export function formatCursor(cursor: EventCursor): string {
  return `${cursor.xid}.${cursor.id}`;
}

/**
 * Where a stream goes on. Throws `invalid_request` for what this log has not given out: also for a cursor past its end,
 * left over from another database (one restored from a backup, a new data folder): it would wait there for ever.
 */
export async function resumeCursor(database: Database, text: string): Promise<EventCursor> {
  const cursor = parseCursor(text);
  const end = await currentCursor(database);
  if (BigInt(cursor.xid) > BigInt(end.xid)) throw notACursor();
  return cursor;
}

/**
 * Where a stream of an organisation goes on after the event of this id, or after a cursor of a stream. Throws
 * `invalid_request` for an event that the organisation does not have.
 */
export async function cursorAfter(database: Database, orgId: string, text: string): Promise<EventCursor> {
  if (!text.startsWith("evt_")) return resumeCursor(database, text);
  const position = EVENT_ID.test(text)
    ? ((await database.callIdempotent("event_position_v1", orgId, text)) as EventCursor | null)
    : null;
  if (position !== null) return position;
  throw new ProblemError("invalid_request", `There is no event ${text.slice(0, 100)} here.`, {
    errors: [{ path: "after", message: "is no event of this organisation" }],
  });
}

const EVENT_ID = /^evt_[0-9a-z]{26}$/;

function parseCursor(text: string): EventCursor {
  const match = /^(\d{1,19})\.(|evt_[0-9a-z]{26})$/.exec(text);
  if (match?.[1] === undefined || match[2] === undefined) throw notACursor();
  return { xid: BigInt(match[1]).toString(), id: match[2] };
}

function notACursor(): ProblemError {
  return new ProblemError(
    "invalid_request",
    "The place to go on from (Last-Event-ID, or `after`) is none of this server's. Leave it out, or name the id of an event (`evt_…`).",
    { errors: [{ path: "Last-Event-ID", message: "is not a cursor of this stream" }] },
  );
}
