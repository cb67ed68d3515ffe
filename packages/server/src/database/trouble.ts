import type { Logger } from "pino";

const REMIND_EVERY_MS = 60_000;

/**
 * Something that goes wrong at every try while its cause lasts (the database is away): said at once, then once a minute
 * with how often it was, and said again when it is over. A log of a line a second hides what else is in it.
 */
export class Trouble {
  readonly #logger: Pick<Logger, "error" | "info">;
  readonly #message: string;
  readonly #now: () => number;
  #times = 0;
  #saidAt = 0;

  constructor(
    logger: Pick<Logger, "error" | "info">,
    message: string,
    now: () => number = () => performance.now(),
  ) {
    this.#logger = logger;
    this.#message = message;
    this.#now = now;
  }

  met(error: unknown): void {
    this.#times += 1;
    const now = this.#now();
    if (this.#times > 1 && now - this.#saidAt < REMIND_EVERY_MS) return;
    this.#saidAt = now;
    this.#logger.error({ err: error, times: this.#times }, this.#message);
  }

  /** To be called at every success; says something only after trouble. */
  over(): void {
    if (this.#times === 0) return;
    this.#logger.info({ times: this.#times }, `Over: ${this.#message}`);
    this.#times = 0;
  }
}
