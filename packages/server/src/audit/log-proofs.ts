import { planConsistency, planInclusion, TILE_WIDTH, tileWidth, type TileId } from "@holdpoint/core";
import { toBase64 } from "@holdpoint/protocol";
import type { Queries } from "../database/database.ts";
import type { StoredCheckpoint } from "./checkpoints.ts";
import { readEntries, sealStoredEntry } from "./stored-entry.ts";
import { StoredTree } from "./stored-tree.ts";

/** An event's way to the root of a checkpoint. Hashes in base64. */
export interface EventProof {
  eventId: string;
  index: number;
  size: number;
  leafHash: string;
  proof: string[];
  checkpoint: string;
}

/** Undefined for an unknown event; "pending" while the checkpoint does not cover it. */
export async function proveEvent(
  queries: Pick<Queries, "call">,
  orgId: string,
  eventId: string,
  checkpoint: StoredCheckpoint | undefined,
): Promise<EventProof | "pending" | undefined> {
  const place = (await queries.call("audit_place_v1", orgId, eventId)) as
    | { index: number; hash: string }
    | { index: null }
    | null;
  if (place === null) return undefined;
  if (place.index === null || checkpoint === undefined || place.index >= checkpoint.size) return "pending";
  const { index, hash } = place;
  const { size, note } = checkpoint;
  const proof = await new StoredTree(queries, orgId).prove(planInclusion(index, size));
  return {
    eventId,
    index,
    size,
    leafHash: toBase64(Buffer.from(hash, "hex")),
    proof: proof.map(toBase64),
    checkpoint: note,
  };
}

/** https://c2sp.org/tlog-proof: a text that any verifier of transparency logs takes. */
export function formatTlogProof({ index, proof, checkpoint }: EventProof): string {
  return `c2sp.org/tlog-proof@v1\nindex ${index}\n${proof.map((hash) => `${hash}\n`).join("")}\n${checkpoint}`;
}

/** That the log of `to` entries begins with that of `from`. Throws `RangeError` unless 0 <= from <= to. */
export async function proveConsistency(
  queries: Pick<Queries, "call">,
  orgId: string,
  from: number,
  to: number,
): Promise<string[]> {
  return (await new StoredTree(queries, orgId).prove(planConsistency(from, to))).map(toBase64);
}

/** A tile of that width; undefined unless a tree of `size` has as much of it. */
export async function readTile(
  queries: Pick<Queries, "call">,
  orgId: string,
  tile: TileId & { width: number },
  size: number,
): Promise<Uint8Array | undefined> {
  if (tile.width > tileWidth(tile, size)) return undefined;
  return new StoredTree(queries, orgId).tile(tile, tile.width);
}

/** The entries of a tile of level 0, each behind its length in two bytes. Without the values that they commit to. */
export async function readBundle(
  queries: Pick<Queries, "call">,
  orgId: string,
  { index, width }: { index: number; width: number },
  size: number,
): Promise<Uint8Array | undefined> {
  if (width > tileWidth({ level: 0, index }, size)) return undefined;
  const from = index * TILE_WIDTH;
  const parts: Buffer[] = [];
  for await (const page of readEntries(queries, orgId, {}, { from, below: from + width })) {
    for (const row of page) {
      const text = Buffer.from(sealStoredEntry(orgId, row)?.text ?? "");
      const length = Buffer.alloc(2);
      length.writeUInt16BE(text.length);
      parts.push(length, text);
    }
  }
  return Buffer.concat(parts);
}
