import {
  isTerminalHold,
  type Hold,
  type HoldDetail,
  type HoldStatus,
  type listHoldsSchema,
} from "@holdpoint/protocol";
import { refusalToDecide, type Directory, type Person } from "@holdpoint/core";
import type { z } from "zod";
import type { Database } from "../database/database.ts";
import { waitFor } from "../events/wait-for.ts";
import type { Wakeups } from "../events/wakeups.ts";
import { decodeCursor, encodeCursor } from "../database/cursor.ts";
import { holdState } from "./hold-state.ts";
import { renderHold, renderHoldDetail, type HoldParts, type HoldRow } from "./hold-row.ts";
import { refusal, type HoldAnswer } from "./refusal.ts";

type GetAnswer = HoldAnswer & Omit<HoldParts, "hold">;

/** One hold with its decisions. One round trip; throws `not_found` also for what is another's. */
export async function getHold(
  database: Database,
  credentialHash: string,
  holdId: string,
): Promise<HoldDetail> {
  const answer = (await database.callIdempotent("get_hold_v1", credentialHash, holdId)) as GetAnswer;
  if (answer.code !== "ok" || answer.hold === undefined) throw refusal(answer, holdId, "read");
  return renderHoldDetail({ ...answer, hold: answer.hold });
}

/** The id of the hold that was asked for under a key; undefined also where it is another's. One round trip. */
export async function findHoldByKey(
  database: Database,
  credentialHash: string,
  key: string,
): Promise<string | undefined> {
  const id = (await database.callIdempotent("find_hold_by_key_v1", credentialHash, key)) as string | null;
  return id ?? undefined;
}

export interface WaitForHold {
  database: Database;
  wakeups: Wakeups;
  credentialHash: string;
  holdId: string;
  timeoutSeconds: number;
  signal: AbortSignal | undefined;
}

/** The long poll: the hold once it is terminal, or as it is when the time is over. Costs one read until then. */
export async function waitForHold(options: WaitForHold): Promise<HoldDetail> {
  return waitFor({
    wakeups: options.wakeups,
    topics: [`hold:${options.holdId}`],
    timeoutMs: options.timeoutSeconds * 1000,
    signal: options.signal,
    read: () => getHold(options.database, options.credentialHash, options.holdId),
    isDone: (hold) => isTerminalHold(hold.status),
  });
}

export interface HoldPage {
  data: Hold[];
  nextCursor: string | null;
}

/** Who asks for what is theirs to decide. */
interface Me {
  person: Person | null;
  directory: Directory;
}

/** The database finds by names alone; whether it is their turn, and a route's time has come, is decided here. */
function isMine(row: HoldRow, { person, directory }: Me, now: string): boolean {
  if (row.status !== "pending") return true;
  if (person === null) return false;
  const by = {
    ...person,
    id: person.memberId,
    name: "",
    kind: "member",
    via: "api",
    verifiedBy: "session",
  } as const;
  return refusalToDecide(holdState(row), by, now, directory) === undefined;
}

export interface HoldQuery extends z.output<typeof listHoldsSchema> {
  /** Any of these, as they are stored, in place of `status`. */
  statuses?: readonly HoldStatus[];
  /** For protocols that number their pages: how many to pass over. */
  offset?: number;
  /** Counts what fits, so far: one more than that where there are more. */
  countUpTo?: number;
}

/**
 * A page of holds, newest first unless sorted otherwise. One round trip. With `assignee: "me"` a page may be shorter than
 * its limit although there are more: what somebody is named in, and may not decide at the moment, is left out.
 */
export async function listHolds(
  database: Database,
  credentialHash: string,
  query: HoldQuery,
): Promise<HoldPage & { count: number | null }> {
  const after = query.cursor === undefined ? undefined : decodeCursor(query.cursor, query.sort);
  const answer = (await database.callIdempotent("list_holds_v1", {
    credentialHash,
    ...query,
    afterId: after?.id,
    afterKey: after?.key,
  })) as HoldAnswer & {
    now: string;
    page: { key: string | null; hold: HoldRow }[];
    count: number | null;
    me: Me | null;
  };
  if (answer.code !== "ok") throw refusal(answer, "", "list");
  const rows = answer.page.slice(0, query.limit);
  const last = rows.at(-1);
  return {
    count: answer.count,
    data: rows
      .filter(({ hold }) => answer.me === null || isMine(hold, answer.me, answer.now))
      .map(({ hold }) => renderHold(hold, answer.now)),
    nextCursor:
      answer.page.length > query.limit && last !== undefined
        ? encodeCursor(query.sort, { id: last.hold.id, key: last.key })
        : null,
  };
}
