export interface DiffLine {
  kind: "same" | "removed" | "added";
  text: string;
}

/** Beyond so many differences a reader is better served by all of the old and all of the new. */
const MAX_CHANGES = 600;

/** What has to be taken out of `before` and put in to get `after`, line by line: the fewest lines (Myers 1986). */
export function diffLines(before: string, after: string): DiffLine[] {
  const [from, to] = [before.split("\n"), after.split("\n")];
  let start = 0;
  while (start < from.length && start < to.length && from[start] === to[start]) start++;
  let end = 0;
  while (
    end < from.length - start &&
    end < to.length - start &&
    from[from.length - 1 - end] === to[to.length - 1 - end]
  )
    end++;
  return [
    ...from.slice(0, start).map(same),
    ...shortestEdit(from.slice(start, from.length - end), to.slice(start, to.length - end)),
    ...from.slice(from.length - end).map(same),
  ];
}

/** How many lines are taken out or put in. */
export function countChanges(lines: readonly DiffLine[]): number {
  return lines.filter(({ kind }) => kind !== "same").length;
}

/** The furthest that each number of changes reaches on each diagonal, and the way back through them. */
function shortestEdit(from: readonly string[], to: readonly string[]): DiffLine[] {
  const trace: Map<number, number>[] = [];
  let reach = new Map([[1, 0]]);
  for (let changes = 0; changes <= Math.min(from.length + to.length, MAX_CHANGES); changes++) {
    trace.push(reach);
    reach = new Map(reach);
    for (let diagonal = -changes; diagonal <= changes; diagonal += 2) {
      let x = firstOf(reach, diagonal, changes);
      while (x < from.length && x - diagonal < to.length && from[x] === to[x - diagonal]) x++;
      reach.set(diagonal, x);
      if (x >= from.length && x - diagonal >= to.length) return wayBack(from, to, trace);
    }
  }
  return [
    ...from.map((text): DiffLine => ({ kind: "removed", text })),
    ...to.map((text): DiffLine => ({ kind: "added", text })),
  ];
}

function firstOf(reach: ReadonlyMap<number, number>, diagonal: number, changes: number): number {
  const [left = -1, right = -1] = [reach.get(diagonal - 1), reach.get(diagonal + 1)];
  return diagonal === -changes || (diagonal !== changes && left < right) ? right : left + 1;
}

function wayBack(
  from: readonly string[],
  to: readonly string[],
  trace: readonly ReadonlyMap<number, number>[],
): DiffLine[] {
  const lines: DiffLine[] = [];
  let [x, y] = [from.length, to.length];
  for (let changes = trace.length - 1; changes >= 0; changes--) {
    const reach = trace[changes] ?? new Map<number, number>();
    const diagonal = x - y;
    const first = firstOf(reach, diagonal, changes);
    const isAdded = changes > 0 && first === reach.get(diagonal + 1);
    while (x > first && y > first - diagonal) {
      x--;
      y--;
      lines.push(same(from[x] ?? ""));
    }
    if (changes === 0) break;
    if (isAdded) lines.push({ kind: "added", text: to[--y] ?? "" });
    else lines.push({ kind: "removed", text: from[--x] ?? "" });
  }
  return lines.toReversed();
}

function same(text: string): DiffLine {
  return { kind: "same", text };
}
