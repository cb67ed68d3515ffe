import { emptyRoot, HASH_BYTES, nodeHash, type Hasher } from "@holdpoint/protocol";
import { TILE_WIDTH, type TileId } from "./tile.ts";

/** A tile that has just become full. It never changes again. */
export interface FullTile extends TileId {
  /** 256 hashes, one after the other. */
  hashes: Uint8Array;
  /** The root of the 256: the hash that stands for this tile in the level above. */
  root: Uint8Array;
}

/** What a tree needs to go on growing: its size, and the tiles at its right edge that are not full. */
export interface TreeEdge {
  size: number;
  /** By tile level: `floor(size / 256 ** level) mod 256` hashes each. */
  partials: readonly (readonly Uint8Array[])[];
}

/** The Merkle tree of a log (RFC 6962), which only grows. Knows its right edge, and gives away each tile that gets full. */
export class GrowingTree {
  readonly #hasher: Hasher;
  readonly #partials: Uint8Array[][];
  #size: number;

  /** Throws `RangeError` for an edge that is none: a tree that goes on from it would be another one. */
  constructor(hasher: Hasher, edge: TreeEdge = { size: 0, partials: [] }) {
    this.#hasher = hasher;
    this.#size = edge.size;
    this.#partials = edge.partials.map((hashes) => [...hashes]);
    for (let level = 0, size = edge.size; size > 0 || level < this.#partials.length; level++) {
      if ((this.#partials[level]?.length ?? 0) !== size % TILE_WIDTH) {
        throw new RangeError(
          `This is not the edge of a tree of ${edge.size} entries: level ${level} does not fit.`,
        );
      }
      size = Math.floor(size / TILE_WIDTH);
    }
  }

  get size(): number {
    return this.#size;
  }

  /** Adds a leaf by its hash. Returns the tiles that it has filled, lowest level first; mostly none. */
  append(leaf: Uint8Array): FullTile[] {
    const filled: FullTile[] = [];
    let hash = leaf;
    for (let level = 0; ; level++) {
      const partial = (this.#partials[level] ??= []);
      partial.push(hash);
      if (partial.length < TILE_WIDTH) break;
      const index = Math.floor(this.#size / TILE_WIDTH ** (level + 1));
      hash = rootOf(partial, this.#hasher);
      filled.push({ level, index, hashes: join(partial), root: hash });
      this.#partials[level] = [];
    }
    this.#size++;
    return filled;
  }

  /** The root at the size that it has now. */
  root(): Uint8Array {
    let root: Uint8Array | undefined;
    for (const partial of this.#partials) {
      if (partial.length === 0) continue;
      root = rootOf(root === undefined ? partial : [...partial, root], this.#hasher);
    }
    return root ?? emptyRoot(this.#hasher);
  }
}

/**
 * The root over hashes of subtrees, of which only the last may be smaller than the others: RFC 6962 splits a tree at
 * the largest power of two below its size, and that is what pairing from the left gives.
 */
export function rootOf(hashes: readonly Uint8Array[], hasher: Hasher): Uint8Array {
  let level = hashes;
  while (level.length > 1) {
    const above: Uint8Array[] = [];
    for (let index = 0; index + 1 < level.length; index += 2) {
      above.push(nodeHash(level[index] as Uint8Array, level[index + 1] as Uint8Array, hasher));
    }
    if (level.length % 2 === 1) above.push(level.at(-1) as Uint8Array);
    level = above;
  }
  return level[0] ?? emptyRoot(hasher);
}

function join(hashes: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(hashes.length * HASH_BYTES);
  hashes.forEach((hash, index) => bytes.set(hash, index * HASH_BYTES));
  return bytes;
}
