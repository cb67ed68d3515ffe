import { median } from "../load/latencies.ts";
import type { Cell, Cpu } from "../measurement/subject.ts";

/** One subject at one width: the medians of its rounds. */
export interface Summary {
  subject: string;
  clients: number;
  cyclesPerSecond: number;
  p50Ms: number;
  p99Ms: number;
  /** Milliseconds of CPU a cycle. */
  cpuMs: Cpu;
  /** Bytes of write-ahead log a cycle. */
  walBytes: number | undefined;
}

/** The medians of every subject and width, in the order in which they were measured. */
export function summarize(cells: readonly Cell[]): Summary[] {
  const groups = Map.groupBy(cells, ({ subject, clients }) => `${clients} ${subject}`);
  return [...groups.values()].flatMap((group) => {
    const [first] = group;
    if (first === undefined) return [];
    const of = (read: (cell: Cell) => number | undefined): number | undefined => {
      const values = group.map(read).filter((value) => value !== undefined);
      return values.length === 0 ? undefined : median(values);
    };
    return {
      subject: first.subject,
      clients: first.clients,
      cyclesPerSecond: median(group.map((cell) => cell.cyclesPerSecond)),
      p50Ms: median(group.map((cell) => cell.p50Ms)),
      p99Ms: median(group.map((cell) => cell.p99Ms)),
      cpuMs: {
        server: of((cell) => cell.cpuMs.server),
        database: of((cell) => cell.cpuMs.database),
        generator: of((cell) => cell.cpuMs.generator),
      },
      walBytes: of((cell) => cell.walBytes),
    };
  });
}

/** Cycles per second of one subject at one width, as a share of another's. NaN when either was not measured. */
export function shareOf(
  summaries: readonly Summary[],
  clients: number,
  subject: string,
  reference: string,
): number {
  const rate = (name: string): number =>
    summaries.find((summary) => summary.subject === name && summary.clients === clients)?.cyclesPerSecond ??
    Number.NaN;
  return rate(subject) / rate(reference);
}
