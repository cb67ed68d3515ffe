import type { Cycle } from "./drive.ts";

/** Clients of one target. They and their connections are made once and used for every cell. */
export interface Clients {
  /** The first `count` clients. */
  take(count: number): Promise<Cycle[]>;
  close(): Promise<void>;
}
