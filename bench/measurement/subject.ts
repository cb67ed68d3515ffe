import type { Load } from "../load/latencies.ts";
import type { LoadOrder } from "../load/target.ts";

/** CPU by process, in a unit that the user names; undefined where it is not running or cannot be read. */
export interface Cpu {
  server?: number | undefined;
  database?: number | undefined;
  generator?: number | undefined;
}

/** What is measured: a service or statements, with the load generator that drives it. */
export interface Subject {
  readonly name: string;
  drive(order: LoadOrder): Promise<Load>;
  /** Before each cell: writes out what earlier cells left in memory, so that no cell pays for the one before it. */
  settle(): Promise<void>;
  /** CPU seconds so far. */
  cpuSeconds(): Cpu;
  /** Bytes of write-ahead log so far, where they can be asked for. */
  walBytes(): Promise<number | undefined>;
  stop(): Promise<void>;
}

/** One measurement of one subject at one width. */
export interface Cell extends Load {
  subject: string;
  clients: number;
  round: number;
  cyclesPerSecond: number;
  /** Milliseconds of CPU a cycle. */
  cpuMs: Cpu;
  /** Bytes of write-ahead log a cycle. */
  walBytes: number | undefined;
}
