import type { Cycle } from "./drive.ts";

/** Clients of one target. */
export interface Clients {
  /** So many clients, for one cell. Their connections are kept while it runs. */
  take(count: number): Promise<Cycle[]>;
  close(): Promise<void>;
}
