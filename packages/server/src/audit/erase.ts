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
 * Resolves to the number of entries erased. Erases what is in the log; throws HoldpointError `in_progress`, before it
 * changes anything, while some of it is not yet. Repeating it is harmless. Exports and receipts that were handed out
 * before are not reached, nor are the rows of holds and runs themselves.
 */
export async function eraseEntries(
  queries: Pick<Queries, "call">,
  orgId: string,
  subject: ErasureSubject,
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
    total += (await queries.call("erase_entries_v1", orgId, JSON.stringify(entries))) as number;
  }
  return total;
}

interface Erasure {
  index: number;
  opening: Opening;
}

/** A member's name stays: it says who decided, which is not the end user's. */
function isKept(path: CommittedPath, row: EntryRow): boolean {
  return path === "actor.name" && row.event?.actor_kind === "member";
}

function eraseEntry(orgId: string, row: EntryRow): Erasure {
  const sealed = sealStoredEntry(orgId, row);
  if (sealed === undefined) throw new Error(`The event of entry ${row.index} of ${orgId} is gone.`);
  if (Buffer.from(sealed.hash).toString("hex") !== row.hash) {
    // Erasing it would make the change final, and hide what was changed.
    throw new Error(`Entry ${row.index} of ${orgId} was changed where it is stored; it is not erased.`);
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

function isCommitment(member: unknown): member is { commitment: string } {
  return typeof member === "object" && member !== null && "commitment" in member;
}
