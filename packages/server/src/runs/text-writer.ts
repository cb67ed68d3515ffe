import type { Logger } from "pino";
import type { Journal } from "./journal.ts";

const WRITE_EVERY_MS = 200;

/**
 * Writes the growing text of a turn, at most every 200 ms, one write at a time. A write that fails is dropped: the
 * whole text is committed with the turn.
 */
export class TextWriter {
  readonly #journal: Journal;
  readonly #step: number;
  readonly #logger: Pick<Logger, "warn">;
  #text = "";
  #written = "";
  #timer: NodeJS.Timeout | undefined;
  #writing: Promise<void> = Promise.resolve();
  #isDone = false;

  constructor(journal: Journal, step: number, logger: Pick<Logger, "warn">) {
    this.#logger = logger;
    this.#journal = journal;
    this.#step = step;
  }

  update(text: string): void {
    this.#text = text;
    this.#timer ??= setTimeout(() => {
      this.#writing = this.#write();
    }, WRITE_EVERY_MS);
  }

  /** Stops; resolves once no write is under way any more. */
  async end(): Promise<void> {
    this.#isDone = true;
    clearTimeout(this.#timer);
    await this.#writing;
  }

  async #write(): Promise<void> {
    const text = this.#text;
    try {
      await this.#journal.writeText(this.#step, text);
      this.#written = text;
    } catch (error) {
      this.#logger.warn({ err: error }, "The text so far could not be shown; the turn will have it whole.");
    }
    this.#timer = undefined;
    if (!this.#isDone && this.#text !== this.#written) this.update(this.#text);
  }
}
