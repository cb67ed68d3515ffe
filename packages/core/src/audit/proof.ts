// Proofs of RFC 6962 section 2.1, made from tiles. First it is said which tiles are needed, then they are read, then
// the hashes are put together: so that this stays pure, and reading is one round trip.
import { HASH_BYTES, nodeHash, type Hasher } from "@holdpoint/protocol";
import { rootOf } from "./growing-tree.ts";
import { TILE_HEIGHT, TILE_WIDTH, tileWidth, type TileId } from "./tile.ts";

/** Entries `from` up to, not including, `to`. */
interface Range {
  from: number;
  to: number;
}

/** A proof to be made: the ranges whose roots it consists of. */
export interface ProofPlan {
  /** Of the tree that the proof is for. */
  size: number;
  ranges: readonly Range[];
}

/** Gives the hashes of a tile: at least as many as a tree of the plan's size has of it. */
export type TileReader = (tile: TileId) => Uint8Array;

/** The way from an entry to the root. Throws `RangeError` unless 0 <= index < size. */
export function planInclusion(index: number, size: number): ProofPlan {
  if (!(index >= 0 && index < size)) throw new RangeError(`There is no entry ${index} in a tree of ${size}.`);
  const ranges: Range[] = [];
  descend({ from: 0, to: size }, (range, split) => {
    if (range.to - range.from === 1) return undefined;
    const left = { from: range.from, to: split };
    const right = { from: split, to: range.to };
    ranges.unshift(index < split ? right : left);
    return index < split ? left : right;
  });
  return { size, ranges };
}

/** That the tree of `to` entries begins with that of `from`. Throws `RangeError` unless 0 <= from <= to. */
export function planConsistency(from: number, to: number): ProofPlan {
  if (!(from >= 0 && from <= to))
    throw new RangeError(`A tree of ${to} entries does not begin with ${from}.`);
  const ranges: Range[] = [];
  if (from === 0 || from === to) return { size: to, ranges };
  descend({ from: 0, to }, (range, split) => {
    if (from === range.to) {
      // A complete subtree of both; when it is the whole older tree, its root is known to who asks.
      if (range.from !== 0) ranges.unshift(range);
      return undefined;
    }
    const left = { from: range.from, to: split };
    const right = { from: split, to: range.to };
    ranges.unshift(from <= split ? right : left);
    return from <= split ? left : right;
  });
  return { size: to, ranges };
}

/** The root of the first entries of a tree. Throws `RangeError` unless 0 < from <= size. */
export function planRoot(from: number, size: number): ProofPlan {
  if (!(from > 0 && from <= size)) throw new RangeError(`A tree of ${size} entries has no root of ${from}.`);
  return { size, ranges: [{ from: 0, to: from }] };
}

function descend(start: Range, step: (range: Range, split: number) => Range | undefined): void {
  let range: Range | undefined = start;
  while (range !== undefined) range = step(range, range.from + splitOf(range.to - range.from));
}

/** The largest power of two below `size`. */
function splitOf(size: number): number {
  let split = 1;
  while (split * 2 < size) split *= 2;
  return split;
}

/** The tiles that the proof is made from, each once. */
export function tilesOf(plan: ProofPlan): TileId[] {
  const tiles = new Map<string, TileId>();
  for (const range of plan.ranges) {
    for (const node of nodesOf(range)) {
      const tile = tileOf(node);
      tiles.set(`${tile.level}/${tile.index}`, tile);
    }
  }
  return [...tiles.values()];
}

/** The hashes of the proof, in its order. */
export function buildProof(plan: ProofPlan, read: TileReader, hasher: Hasher): Uint8Array[] {
  return plan.ranges.map((range) => {
    let root: Uint8Array | undefined;
    for (const node of nodesOf(range).toReversed()) {
      const hash = hashOf(node, plan.size, read, hasher);
      root = root === undefined ? hash : nodeHash(hash, root, hasher);
    }
    return root as Uint8Array;
  });
}

/** A complete subtree: 2 ** level entries, the index-th of its kind. */
interface Node {
  level: number;
  index: number;
}

/** A range that RFC 6962 knows begins where a complete subtree of its size could: it falls into ever smaller ones. */
function nodesOf({ from, to }: Range): Node[] {
  const nodes: Node[] = [];
  let at = from;
  while (at < to) {
    let level = 0;
    while (at + 2 ** (level + 1) <= to && at % 2 ** (level + 1) === 0) level++;
    nodes.push({ level, index: at / 2 ** level });
    at += 2 ** level;
  }
  return nodes;
}

function tileOf({ level, index }: Node): TileId {
  const tileLevel = Math.floor(level / TILE_HEIGHT);
  const hashes = 2 ** (level % TILE_HEIGHT);
  return { level: tileLevel, index: Math.floor((index * hashes) / TILE_WIDTH) };
}

function hashOf(node: Node, size: number, read: TileReader, hasher: Hasher): Uint8Array {
  const tile = tileOf(node);
  const bytes = read(tile);
  const width = tileWidth(tile, size);
  if (bytes.length < width * HASH_BYTES) {
    throw new RangeError(`Tile ${tile.level}/${tile.index} has fewer than ${width} hashes.`);
  }
  const count = 2 ** (node.level % TILE_HEIGHT);
  const first = node.index * count - tile.index * TILE_WIDTH;
  return rootOf(
    Array.from({ length: count }, (_, offset) =>
      bytes.subarray((first + offset) * HASH_BYTES, (first + offset + 1) * HASH_BYTES),
    ),
    hasher,
  );
}
