import { planInclusion } from "@holdpoint/core";
import {
  HOLD_ENDS,
  logOrigin,
  RECEIPT_FORMAT,
  toBase64,
  type EventType,
  type Receipt,
} from "@holdpoint/protocol";
import type { Queries } from "../database/database.ts";
import { findCheckpoint, listVerifierKeys } from "./checkpoints.ts";
import { readEntries, sealStoredEntry, type EntryRow } from "./stored-entry.ts";
import { StoredTree } from "./stored-tree.ts";

const ENDS = new Set<EventType>(HOLD_ENDS);

/**
 * The receipt of a hold that has ended: what was presented, how it ended, and their proofs. Undefined as long as the
 * log has no signed checkpoint over both, which takes less than a second or, at most, ten.
 */
export async function findReceipt(
  queries: Pick<Queries, "call">,
  orgId: string,
  holdId: string,
): Promise<Receipt | undefined> {
  const checkpoint = await findCheckpoint(queries, orgId);
  if (checkpoint === undefined) return undefined;
  const { size, note } = checkpoint;
  const rows = await readWhatHappened(queries, orgId, { holdId, size });
  if (rows === undefined) return undefined;
  const proofs = await new StoredTree(queries, orgId).proveAll(
    rows.map(({ index }) => planInclusion(index, size)),
  );
  return {
    format: RECEIPT_FORMAT,
    holdId,
    origin: logOrigin(orgId),
    keys: await listVerifierKeys(queries, orgId),
    checkpoint: note,
    entries: rows.map((row, at) => renderEntry(orgId, row, proofs[at] ?? [])),
  };
}

async function readWhatHappened(
  queries: Pick<Queries, "call">,
  orgId: string,
  { holdId, size }: { holdId: string; size: number },
): Promise<EntryRow[] | undefined> {
  let presented: EntryRow | undefined;
  for await (const page of readEntries(queries, orgId, { holdId }, { from: 0, below: size })) {
    presented ??= page.find(({ event }) => event?.type === "hold.created");
    const ended = page.find(({ event }) => event !== null && ENDS.has(event.type));
    if (presented !== undefined && ended !== undefined) return [presented, ended];
  }
  return undefined;
}

function renderEntry(orgId: string, row: EntryRow, proof: readonly Uint8Array[]): Receipt["entries"][number] {
  const sealed = sealStoredEntry(orgId, row);
  if (sealed === undefined) throw new Error(`The event of entry ${row.index} of ${orgId} is gone.`);
  return {
    index: row.index,
    leaf: JSON.parse(sealed.text) as Receipt["entries"][number]["leaf"],
    disclosures: sealed.disclosures.map(
      (text) => JSON.parse(text) as Receipt["entries"][number]["disclosures"][number],
    ),
    proof: proof.map(toBase64),
  };
}
