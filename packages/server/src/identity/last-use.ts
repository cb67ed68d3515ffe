import type { Database, DatabaseLogger } from "../database/database.ts";

const WRITE_EVERY_MS = 30_000;
/** More keys than this in one interval are not noted: nobody needs that many to be exact, and memory stays bounded. */
const MAX_NOTED = 10_000;

/**
 * Notes which keys were used and writes it every 30 s in one statement, so that a request costs no write.
 * What was noted since the last write is lost when the process dies.
 */
export class LastUse {
  readonly #database: Database;
  readonly #logger: DatabaseLogger;
  readonly #timer: NodeJS.Timeout;
  #usedAtMs = new Map<string, number>();

  constructor(database: Database, logger: DatabaseLogger) {
    this.#database = database;
    this.#logger = logger;
    this.#timer = setInterval(() => void this.write(), WRITE_EVERY_MS);
    this.#timer.unref();
  }

  /** A request with this key was answered. Unknown hashes do no harm. */
  note(hash: string): void {
    if (this.#usedAtMs.size < MAX_NOTED || this.#usedAtMs.has(hash))
      this.#usedAtMs.set(hash, performance.now());
  }

  /** Writes what was noted; a failure is logged and costs only the note. */
  async write(): Promise<void> {
    if (this.#usedAtMs.size === 0) return;
    const nowMs = performance.now();
    const secondsAgo = Object.fromEntries(
      [...this.#usedAtMs].map(([hash, usedAtMs]) => [hash, (nowMs - usedAtMs) / 1_000]),
    );
    this.#usedAtMs = new Map();
    try {
      await this.#database.call("touch_keys_v1", secondsAgo);
    } catch (error) {
      this.#logger.warn({ err: error }, "When keys were last used could not be written.");
    }
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.write();
  }
}
