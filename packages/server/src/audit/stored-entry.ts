import { sealEntry, type Opening, type SealedEntry } from "@holdpoint/protocol";
import type { Queries } from "../database/database.ts";
import { renderEvent, type EventRow } from "../events/event-row.ts";
import { nodeHasher } from "./node-hasher.ts";

/** Which entries: of one hold, run, session, end user or event; of none, all. */
export interface EntryFilter {
  holdId?: string | undefined;
  runId?: string | undefined;
  sessionId?: string | undefined;
  endUserId?: string | undefined;
  eventId?: string | undefined;
}

/** An entry as audit_entries_v1 gives it; hashes and salt in hexadecimal. */
export interface EntryRow {
  index: number;
  hash: string;
  salt: string | null;
  opening: Opening | null;
  /** Null when the event is gone. */
  event: EventRow | null;
}

export interface EntryRange {
  from: number;
  /** Not included. */
  below: number;
}

const PAGE = 500;

/** Entries in the order of the log, a bounded page at a time. */
export async function* readEntries(
  queries: Pick<Queries, "call">,
  orgId: string,
  filter: EntryFilter,
  { from, below }: EntryRange,
): AsyncGenerator<EntryRow[]> {
  for (let at = from; at < below;) {
    const page = (await queries.call("audit_entries_v1", orgId, filter, at, below, PAGE)) as EntryRow[];
    const last = page.at(-1);
    if (last === undefined) return;
    yield page;
    at = last.index + 1;
    if (page.length < PAGE) return;
  }
}

/** The entry made anew from the event as it is stored now; undefined when the event is gone. */
export function sealStoredEntry(orgId: string, row: EntryRow): SealedEntry | undefined {
  return row.event === null
    ? undefined
    : sealEntry(orgId, renderEvent(row.event), openingOf(row), nodeHasher);
}

export function openingOf({ salt, opening }: Pick<EntryRow, "salt" | "opening">): Opening {
  return opening ?? { salt: salt ?? "" };
}
