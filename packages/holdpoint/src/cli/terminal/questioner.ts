import { createInterface, type Interface } from "node:readline";
import { Writable } from "node:stream";
import { setTimeout as delay } from "node:timers/promises";
import type { World } from "../world.ts";

/** The person pressed Ctrl-C, or closed the terminal. */
export class Interrupted extends Error {
  override name = "Interrupted";

  constructor() {
    super("Interrupted.");
  }
}

/** Long enough for what was typed before we listened to arrive, too short for a person to read and answer. */
const SETTLE_MS = 50;

/**
 * Asks a person at a terminal.
 *
 * It reads the keyboard for as long as it is open and throws away whatever is typed while no question stands: a word
 * typed twice must not answer the next question, which its writer has not seen. Questions go to stderr.
 */
export class Questioner implements Disposable {
  readonly #interface: Interface;
  readonly #interrupted = new Set<() => void>();
  #waiting: { answer: (line: string) => void; fail: (error: Error) => void } | undefined;
  #isClosed = false;
  readonly #settled = delay(SETTLE_MS);

  constructor(world: World) {
    // Echo only while a question stands, so that keys pressed meanwhile do not mix with what is printed.
    const output = new Writable({
      write: (chunk: Buffer, _encoding, done) => {
        if (this.#waiting !== undefined) world.stderr.write(chunk);
        done();
      },
    });
    this.#interface = createInterface({ input: world.stdin, output, terminal: true, historySize: 0 });
    this.#interface.on("line", (line) => {
      const waiting = this.#waiting;
      this.#waiting = undefined;
      waiting?.answer(line.trim());
    });
    this.#interface.on("SIGINT", () => this.#interrupt());
    this.#interface.on("close", () => {
      this.#isClosed = true;
      this.#interrupt();
    });
  }

  /** Called at Ctrl-C, also when no question stands. */
  onInterrupt(listener: () => void): void {
    this.#interrupted.add(listener);
  }

  /**
   * Asks once and answers with the line, trimmed; an empty line is an answer too. Throws {@link Interrupted}, or the
   * reason of `signal` when the question has become moot.
   */
  async ask(question: string, signal?: AbortSignal): Promise<string> {
    await this.#settled;
    signal?.throwIfAborted();
    if (this.#isClosed) throw new Interrupted();
    const answered = Promise.withResolvers<string>();
    const drop = () => {
      this.#waiting = undefined;
      answered.reject(signal?.reason as Error);
    };
    signal?.addEventListener("abort", drop, { once: true });
    try {
      this.#interface.write(null, { ctrl: true, name: "e" });
      this.#interface.write(null, { ctrl: true, name: "u" });
      this.#waiting = { answer: answered.resolve, fail: answered.reject };
      this.#interface.setPrompt(question);
      this.#interface.prompt();
      return await answered.promise;
    } finally {
      this.#waiting = undefined;
      signal?.removeEventListener("abort", drop);
    }
  }

  /** Asks until the answer is one of `words`; Enter alone, and anything else, asks again. */
  async choose<Word extends string>(
    question: string,
    words: readonly Word[],
    signal?: AbortSignal,
  ): Promise<Word> {
    for (;;) {
      const answer = (await this.ask(question, signal)).toLowerCase();
      const word = words.find((candidate) => candidate === answer);
      if (word !== undefined) return word;
    }
  }

  [Symbol.dispose](): void {
    this.#interrupted.clear();
    this.#interface.close();
  }

  #interrupt(): void {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    waiting?.fail(new Interrupted());
    for (const listener of this.#interrupted) listener();
  }
}
