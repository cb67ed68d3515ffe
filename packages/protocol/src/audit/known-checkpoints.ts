import { readCheckpoint, verifyCheckpoint, type Checkpoint } from "./checkpoint.ts";
import { isSameHash } from "./merkle.ts";
import { ProofError } from "./proof-error.ts";
import type { VerifierKey } from "./signed-note.ts";

/** Checkpoints of one log that were kept elsewhere. A log that grows past them meets each at its size. */
export class KnownCheckpoints {
  /** Not met yet, smallest first. */
  readonly #left: Checkpoint[];
  #fitting = 0;

  private constructor(checkpoints: Checkpoint[]) {
    this.#left = checkpoints.toSorted((a, b) => a.size - b.size);
  }

  /** Those of the notes that are of this log. Throws ProofError: when one is not signed by a key, or none is of this log. */
  static async verify(
    notes: readonly string[],
    origin: string,
    keys: readonly VerifierKey[],
  ): Promise<KnownCheckpoints> {
    const checkpoints: Checkpoint[] = [];
    for (const note of notes) {
      if (readCheckpoint(note).origin === origin) checkpoints.push(await verifyCheckpoint(note, keys));
    }
    if (checkpoints.length === 0 && notes.length > 0) {
      throw new ProofError("wrong_log", `None of the given checkpoints is of this log, ${origin}.`);
    }
    return new KnownCheckpoints(checkpoints);
  }

  /** How many the log fits so far. */
  get fitting(): number {
    return this.#fitting;
  }

  /** The smallest that is still to be met. */
  get next(): Checkpoint | undefined {
    return this.#left[0];
  }

  /** The log has this size now. Gives the first checkpoint of just that size with another root. */
  meet(size: number, root: () => Uint8Array): Checkpoint | undefined {
    for (let known = this.next; known?.size === size; known = this.next) {
      if (!isSameHash(known.root, root())) return known;
      this.#left.shift();
      this.#fitting++;
    }
    return undefined;
  }

  /** Those smaller than that cannot be compared, as in a part of a log. */
  passOver(size: number): void {
    while (this.next !== undefined && this.next.size < size) this.#left.shift();
  }
}
