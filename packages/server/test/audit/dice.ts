/** Random numbers that are the same each time (mulberry32). */
export class Dice {
  #state: number;

  constructor(seed: number) {
    this.#state = seed;
  }

  /** A whole number from 0, below `limit`. */
  below(limit: number): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * limit);
  }

  /** Two different ones. */
  two(limit: number): [number, number] {
    const first = this.below(limit);
    return [first, (first + 1 + this.below(limit - 1)) % limit];
  }

  /** The place of one that fits. */
  where<T>(items: readonly T[], fits: (item: T, index: number) => boolean): number {
    for (;;) {
      const at = this.below(items.length);
      if (fits(items[at] as T, at)) return at;
    }
  }
}
