/** What a whole-second `Date`, the network and clocks that are kept in order explain. */
const IGNORED_MS = 2_000;

/**
 * How far the clock of a server is ahead of this one, in milliseconds, from the `Date` of its answer, which it wrote at some time
 * between sending and receiving. 0 where the answer shows none (browsers hide it from other origins), and where they differ by no
 * more than 2 s, or than what the answer took.
 */
export function clockOffsetMs(date: string | null, sentAt: number, receivedAt: number): number {
  // It is cut to the second, so half a second later on average.
  const offset = Date.parse(date ?? "") + 500 - (sentAt + receivedAt) / 2;
  return Math.abs(offset) > Math.max(IGNORED_MS, (receivedAt - sentAt) / 2 + 500) ? offset : 0;
}
