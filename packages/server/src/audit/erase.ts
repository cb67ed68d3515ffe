import {
  COMMITTED_PATHS,
  HoldpointError,
  saltOf,
  type CommittedPath,
  type Opening,
} from "@holdpoint/protocol";
import type { Queries } from "../database/database.ts";
import { nodeHasher } from "./node-hasher.ts";
import { openingOf, readEntries, sealStoredEntry, type EntryRow } from "./stored-entry.ts";

/** Whose data: everything recorded about an end user, or in a session. */
export type ErasureSubject = { endUserId: string } | { sessionId: string };

/**
 * Erases from the audit log what an end user or a session has left in it: arguments, questions, answers, results,
 * reasons, and the identifiers themselves. What happened, when, to which hold, and who of the organisation decided,
 * stays; so do all hashes, proofs and checkpoints.
 *
 * Resolves to the number of entries that `erasePage` has erased. Erases what is in the log; throws HoldpointError `in_progress`, before it
 * changes anything, while some of it is not yet. Repeating it is harmless. Exports and receipts that were handed out
 * before are not reached, nor are the rows of holds and runs themselves.
 */
export async function eraseEntries(
  queries: Pick<Queries, "call">,
  { orgId, subject }: { orgId: string; subject: ErasureSubject },
  erasePage: (entries: readonly Erasure[]) => Promise<number>,
): Promise<number> {
  const unplaced = (await queries.call("audit_unplaced_v1", orgId, subject)) as number;
  if (unplaced > 0) {
    throw new HoldpointError(
      `${unplaced} events are not in the audit log yet. Nothing was erased; try again in a second.`,
      { code: "in_progress", status: 409, retryable: true },
    );
  }
  let total = 0;
  // What is erased no longer names its subject, so that each page is followed by what is left.
  for await (const page of readEntries(queries, orgId, subject, {
    from: 0,
    below: Number.MAX_SAFE_INTEGER,
  })) {
    const entries = page.filter(({ opening }) => opening === null).map((row) => eraseEntry(orgId, row));
    if (entries.length > 0) total += await erasePage(entries);
  }
  return total;
}

/** What is left of an entry: as erase_entries_v1 takes it. */
export interface Erasure {
  index: number;
  opening: Opening;
}

/** A member's name stays: it says who decided, which is not the end user's. */
function isKept(path: CommittedPath, row: EntryRow): boolean {
  return path === "actor.name" && row.event?.actor_kind === "member";
}

function eraseEntry(orgId: string, row: EntryRow): Erasure {
  const sealed = sealStoredEntry(orgId, row);
  if (sealed === undefined) throw conflict(`The event of entry ${row.index} is gone.`);
  if (Buffer.from(sealed.hash).toString("hex") !== row.hash) {
    // Erasing it would make the change final, and hide what was changed.
    throw conflict(`Entry ${row.index} was changed where it is stored; it is not erased.`);
  }
  const leaf = JSON.parse(sealed.text) as Record<string, unknown> & { actor: Record<string, unknown> };
  const salts: NonNullable<Opening["salts"]> = {};
  const erased: NonNullable<Opening["erased"]> = {};
  for (const path of COMMITTED_PATHS) {
    const member = path.startsWith("actor.") ? leaf.actor[path.slice("actor.".length)] : leaf[path];
    if (!isCommitment(member)) continue;
    if (isKept(path, row)) salts[path] = saltOf(openingOf(row), path, nodeHasher);
    else erased[path] = member.commitment;
  }
  return { index: row.index, opening: { salts, erased } };
}

function conflict(message: string): HoldpointError {
  return new HoldpointError(`${message} Verify the log.`, { code: "conflict", status: 409 });
}

function isCommitment(member: unknown): member is { commitment: string } {
  return typeof member === "object" && member !== null && "commitment" in member;
}
