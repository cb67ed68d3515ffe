import { portableHasher, type Hasher } from "./hasher.ts";
import { emptyRoot, nodeHash } from "./merkle.ts";

/** A tree that only grows, kept as the roots of its complete subtrees: enough for its root at every size, no more. */
export class CompactTree {
  readonly #hasher: Hasher;
  /** By level; undefined where the size has a zero bit. */
  readonly #subtrees: (Uint8Array | undefined)[] = [];
  #size = 0;

  constructor(hasher: Hasher = portableHasher) {
    this.#hasher = hasher;
  }

  get size(): number {
    return this.#size;
  }

  append(leaf: Uint8Array): void {
    let hash = leaf;
    let level = 0;
    for (;;) {
      const left = this.#subtrees[level];
      if (left === undefined) break;
      hash = nodeHash(left, hash, this.#hasher);
      this.#subtrees[level] = undefined;
      level++;
    }
    this.#subtrees[level] = hash;
    this.#size++;
  }

  root(): Uint8Array {
    let root: Uint8Array | undefined;
    for (const subtree of this.#subtrees) {
      if (subtree === undefined) continue;
      root = root === undefined ? subtree : nodeHash(subtree, root, this.#hasher);
    }
    return root ?? emptyRoot(this.#hasher);
  }
}
