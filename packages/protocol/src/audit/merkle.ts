// The Merkle tree of RFC 6962 section 2.1: its hashes, and what proves something about them.
import { portableHasher, type Hasher } from "./hasher.ts";
import { ProofError } from "./proof-error.ts";

/** Bytes of a hash. */
export const HASH_BYTES = 32;

/** `SHA-256(0x00 || entry)`. */
export function leafHash(entry: Uint8Array | string, hasher: Hasher = portableHasher): Uint8Array {
  if (typeof entry === "string") return hasher.bytes(`\u0000${entry}`);
  const bytes = new Uint8Array(entry.length + 1);
  bytes.set(entry, 1);
  return hasher.bytes(bytes);
}

const pair = new Uint8Array(1 + 2 * HASH_BYTES).fill(1, 0, 1);

/** `SHA-256(0x01 || left || right)`. */
export function nodeHash(left: Uint8Array, right: Uint8Array, hasher: Hasher = portableHasher): Uint8Array {
  pair.set(left, 1);
  pair.set(right, 1 + HASH_BYTES);
  return hasher.bytes(pair);
}

/** The root of a tree without leaves: the hash of nothing. */
export function emptyRoot(hasher: Hasher = portableHasher): Uint8Array {
  return hasher.bytes(new Uint8Array(0));
}

export function isSameHash(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, index) => byte === b[index]);
}

export interface InclusionProof {
  /** The leaf's place, from 0. */
  index: number;
  /** Leaves of the tree. */
  size: number;
  /** From the leaf's sibling up to the root's child. */
  hashes: readonly Uint8Array[];
}

/**
 * The root of the only tree of that size in which the leaf stands at that place with those neighbours. Compare it with
 * a signed one. Throws ProofError `malformed_proof` for a proof of another length than such a tree has.
 */
export function rootOfInclusion(
  leaf: Uint8Array,
  proof: InclusionProof,
  hasher: Hasher = portableHasher,
): Uint8Array {
  const { index, size, hashes } = proof;
  assertSizes(index, size - 1, "an inclusion proof");
  hashes.forEach(assertHash);
  let node = index;
  let last = size - 1;
  let hash = leaf;
  let used = 0;
  for (; last > 0; node = Math.floor(node / 2), last = Math.floor(last / 2)) {
    // The last node of a level without a sibling moves up as it is.
    if (node === last && node % 2 === 0) continue;
    const sibling = hashes[used++];
    if (sibling === undefined) throw wrongLength("An inclusion proof", size);
    hash = node % 2 === 0 ? nodeHash(hash, sibling, hasher) : nodeHash(sibling, hash, hasher);
  }
  if (used !== hashes.length) throw wrongLength("An inclusion proof", size);
  return hash;
}

export interface ConsistencyProof {
  /** Leaves of the older tree. */
  from: number;
  /** Leaves of the newer tree. */
  to: number;
  /** RFC 6962 section 2.1.2. */
  hashes: readonly Uint8Array[];
}

/**
 * Makes sure that the newer tree begins with exactly the leaves of the older one: nothing was changed, taken out or put
 * in between. Throws ProofError: `malformed_proof`, or `wrong_root` when the two trees do not fit together.
 */
export function verifyConsistency(
  fromRoot: Uint8Array,
  toRoot: Uint8Array,
  proof: ConsistencyProof,
  hasher: Hasher = portableHasher,
): void {
  const { from, to, hashes } = proof;
  assertSizes(from, to, "a consistency proof");
  hashes.forEach(assertHash);
  const contradiction = new ProofError(
    "wrong_root",
    `The tree of ${to} entries does not begin with the tree of ${from} entries: the log was rewritten.`,
  );
  if (from === to || from === 0) {
    if (hashes.length > 0) throw wrongLength("A consistency proof", to);
    const expected = from === 0 ? emptyRoot(hasher) : toRoot;
    if (!isSameHash(fromRoot, expected)) throw contradiction;
    return;
  }
  const roots = rootsOfConsistency(fromRoot, proof, hasher);
  if (!isSameHash(roots.from, fromRoot) || !isSameHash(roots.to, toRoot)) throw contradiction;
}

/** Both roots as the proof builds them, for 0 < from < to. */
function rootsOfConsistency(
  fromRoot: Uint8Array,
  { from, to, hashes }: ConsistencyProof,
  hasher: Hasher,
): { from: Uint8Array; to: Uint8Array } {
  let node = from - 1;
  let last = to - 1;
  // Up to the largest complete subtree at the older tree's edge: both trees have it.
  for (; node % 2 === 1; node = Math.floor(node / 2)) last = Math.floor(last / 2);
  let used = 0;
  // An older tree that is one complete subtree is its own start, which the proof then leaves out.
  const start = node === 0 ? fromRoot : hashes[used++];
  if (start === undefined) throw wrongLength("A consistency proof", to);
  let older = start;
  let newer = start;
  for (; last > 0; node = Math.floor(node / 2), last = Math.floor(last / 2)) {
    if (node === last && node % 2 === 0) continue;
    const sibling = hashes[used++];
    if (sibling === undefined) throw wrongLength("A consistency proof", to);
    if (node % 2 === 0) {
      newer = nodeHash(newer, sibling, hasher);
    } else {
      older = nodeHash(sibling, older, hasher);
      newer = nodeHash(sibling, newer, hasher);
    }
  }
  if (used !== hashes.length) throw wrongLength("A consistency proof", to);
  return { from: older, to: newer };
}

function assertSizes(small: number, large: number, what: string): void {
  if (!Number.isSafeInteger(small) || !Number.isSafeInteger(large) || small < 0 || small > large) {
    throw new ProofError("malformed_proof", `${small} and ${large} are not the sizes of ${what}.`);
  }
}

function assertHash(hash: Uint8Array): void {
  if (hash.length !== HASH_BYTES) {
    throw new ProofError("malformed_proof", `A hash has ${HASH_BYTES} bytes, not ${hash.length}.`);
  }
}

function wrongLength(what: string, size: number): ProofError {
  return new ProofError("malformed_proof", `${what} in a tree of ${size} entries has another length.`);
}
