// Checkpoints kept elsewhere: what shows that whoever runs the database has rewritten the log.
//
// Each destination has its own place in the order of all checkpoints and reads on from there, so that what was signed
// while it was away, or just before a crash, follows. After a failure it is asked anew how far it is: half of what it was
// given may have arrived.
import { setTimeout as delay } from "node:timers/promises";
import type { Logger } from "pino";
import type { Queries } from "../database/database.ts";

/** A checkpoint as it is kept elsewhere: a line of the file, the body of the webhook. */
export interface ExportedCheckpoint {
  /** Increases over all organisations. */
  position: number;
  orgId: string;
  size: number;
  /** The signed note. */
  checkpoint: string;
}

/** Where checkpoints go. */
export interface CheckpointDestination {
  readonly name: string;
  /** The position of the last one that it has; undefined: none is known, begin with the newest of each organisation. */
  lastPosition(queries: Pick<Queries, "call">): Promise<number | undefined>;
  /** Takes them in order, or throws; then the same ones come again. */
  take(checkpoints: readonly ExportedCheckpoint[], context: TakeContext): Promise<void>;
}

export interface TakeContext {
  queries: Pick<Queries, "call">;
  /** The service stops: what cannot be taken quickly comes after the next start. */
  signal: AbortSignal;
}

export interface CheckpointExports {
  /** There are new ones. */
  wake(): void;
  /** Takes what is there once more, then ends. What a destination does not take now, it gets after the next start. */
  stop(): Promise<void>;
}

export interface CheckpointExportOptions {
  queries: Pick<Queries, "call">;
  destinations: readonly CheckpointDestination[];
  logger: Pick<Logger, "warn">;
}

const PAGE = 200;
const FIRST_RETRY_MS = 1_000;
const LAST_RETRY_MS = 60_000;

/** Begins with what the destinations lack. */
export function startCheckpointExports(options: CheckpointExportOptions): CheckpointExports {
  const stopping = new AbortController();
  const followers = options.destinations.map((destination) => {
    const bell = new Bell();
    return { bell, running: follow(destination, bell, options, stopping.signal) };
  });
  return {
    wake: () => followers.forEach(({ bell }) => bell.ring()),
    async stop() {
      stopping.abort();
      followers.forEach(({ bell }) => bell.ring());
      await Promise.all(followers.map(({ running }) => running));
    },
  };
}

async function follow(
  destination: CheckpointDestination,
  bell: Bell,
  { queries, logger }: CheckpointExportOptions,
  stopping: AbortSignal,
): Promise<void> {
  let position: number | undefined;
  let isKnown = false;
  let failures = 0;
  for (;;) {
    const isLast = stopping.aborted;
    try {
      if (!isKnown) position = await destination.lastPosition(queries);
      isKnown = true;
      position = await forward(destination, queries, position, stopping);
      failures = 0;
      if (isLast) return;
      await bell.wait();
    } catch (error) {
      isKnown = false;
      logger.warn({ err: error }, `Checkpoints of the audit log did not reach ${destination.name}.`);
      if (isLast) return;
      const waitMs = Math.min(FIRST_RETRY_MS * 2 ** failures++, LAST_RETRY_MS);
      await delay(waitMs, undefined, { signal: stopping }).catch(() => undefined);
    }
  }
}

async function forward(
  destination: CheckpointDestination,
  queries: Pick<Queries, "call">,
  after: number | undefined,
  signal: AbortSignal,
): Promise<number | undefined> {
  let position = after;
  for (;;) {
    const page = (await queries.call("audit_checkpoints_after_v1", position, PAGE)) as ExportedCheckpoint[];
    const last = page.at(-1);
    if (last === undefined) return position;
    await destination.take(page, { queries, signal });
    position = last.position;
  }
}

/** Rung any number of times, heard once. */
class Bell {
  #heard = Promise.withResolvers<void>();

  ring(): void {
    this.#heard.resolve();
  }

  async wait(): Promise<void> {
    await this.#heard.promise;
    this.#heard = Promise.withResolvers();
  }
}
