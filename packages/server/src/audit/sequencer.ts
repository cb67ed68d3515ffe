import { setTimeout as delay } from "node:timers/promises";
import type { Logger } from "pino";
import type { Database } from "../database/database.ts";
import type { ExclusiveSession } from "../database/exclusive-session.ts";
import type { Wakeups } from "../events/wakeups.ts";
import { startCheckpointExports, type CheckpointDestination } from "./checkpoint-exports.ts";
import type { CheckpointSigner } from "./checkpoint-signer.ts";
import { SequencerTerm, type SequencerFaults } from "./sequencer-term.ts";

/**
 * Writes the audit log: gives each event its place in its organisation's tree, and signs checkpoints.
 *
 * Any number of instances run one; the database elects the one that works. The others wait, and take over within a
 * second of its end. Nothing else waits for it: an event is recorded by its own transaction (I5), sequenced or not.
 */
export interface Sequencer {
  start(): void;
  /** What has been recorded by now gets its place and is signed, if this is the one that works. */
  stop(): Promise<void>;
}

export interface SequencerOptions {
  database: Database;
  wakeups: Wakeups;
  signer: CheckpointSigner;
  logger: Logger;
  /** Where the one that works keeps checkpoints besides the database. */
  destinations?: readonly CheckpointDestination[] | undefined;
  faults?: SequencerFaults | undefined;
}

const NAME = "audit-sequencer";
/** Events that come within this time share a batch. */
const GATHER_MS = 100;
/** What was recorded without a wake-up, or was above the horizon then, is found after this time. */
const POLL_MS = 500;
const RETRY_MS = 1_000;

export function createSequencer(options: SequencerOptions): Sequencer {
  const { database, logger } = options;
  const stopping = new AbortController();
  let running: Promise<void> = Promise.resolve();

  async function run(): Promise<void> {
    while (!stopping.signal.aborted) {
      try {
        const session = await database.elect(NAME, stopping.signal);
        try {
          await work(session, options, stopping.signal);
        } finally {
          await session.release();
        }
      } catch (error) {
        if (stopping.signal.aborted) return;
        logger.error({ err: error }, "The sequencer of the audit log failed; trying again.");
        await delay(RETRY_MS, undefined, { signal: stopping.signal }).catch(() => undefined);
      }
    }
  }

  return {
    start() {
      running = run();
    },
    async stop() {
      stopping.abort(new Error("The sequencer stops."));
      await running;
    },
  };
}

/** One term, until the session is lost or the service stops. */
async function work(
  session: ExclusiveSession,
  options: SequencerOptions,
  stopping: AbortSignal,
): Promise<void> {
  const { database, signer, logger, faults, wakeups, destinations = [] } = options;
  const term = await SequencerTerm.begin({ session, signer, logger, faults });
  const news = new News(wakeups);
  const exports = startCheckpointExports({ queries: database, destinations, logger });
  try {
    for (let isLast = false; ; isLast = stopping.aborted) {
      // Taken back before the read: what comes during it counts for the next one.
      news.clear();
      await term.sequence();
      if ((await term.sign({ isAll: isLast })) > 0) exports.wake();
      if (isLast) return;
      session.lost.throwIfAborted();
      const untilSigning = (term.nextSigning() ?? Infinity) - performance.now();
      await news.wait(
        Math.max(0, Math.min(POLL_MS, untilSigning)),
        AbortSignal.any([stopping, session.lost]),
      );
    }
  } finally {
    news.close();
    await exports.stop();
  }
}

/** Something was recorded: known by the wake-ups of all instances, gathered for a while. */
class News {
  readonly #unsubscribe: () => void;
  #isNew = false;
  #tell: () => void = () => undefined;

  constructor(wakeups: Wakeups) {
    this.#unsubscribe = wakeups.subscribe("*", () => {
      this.#isNew = true;
      this.#tell();
    });
  }

  clear(): void {
    this.#isNew = false;
  }

  /** Resolves GATHER_MS after something new, or when the time is over; at once when the signal fires. */
  async wait(ms: number, signal: AbortSignal): Promise<void> {
    const pause = async (time: number): Promise<void> => {
      await delay(time, undefined, { signal }).catch(() => undefined);
    };
    if (!this.#isNew) {
      const { promise: told, resolve } = Promise.withResolvers<void>();
      this.#tell = resolve;
      const timer = new AbortController();
      const until = delay(ms, undefined, { signal: AbortSignal.any([signal, timer.signal]) }).catch(
        () => undefined,
      );
      await Promise.race([told, until]);
      timer.abort();
    }
    if (this.#isNew) await pause(GATHER_MS);
  }

  close(): void {
    this.#unsubscribe();
  }
}
