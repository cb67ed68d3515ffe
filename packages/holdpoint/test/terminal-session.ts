import { spawn, type IPty } from "@lydell/node-pty";
import { stripVTControlCharacters } from "node:util";

/** Longer than anything here takes on a busy machine; then the screen says what was there instead. */
const SEEN_WITHIN_MS = 40_000;

/** A program in a pseudo-terminal: what a person sees, and their keyboard. Ended when disposed. */
export class TerminalSession implements AsyncDisposable {
  readonly #pty: IPty;
  #raw = "";
  /** How much of the screen the test has read. */
  #read = 0;
  readonly #waiting = new Set<() => void>();
  readonly exited: Promise<number>;
  #isOver = false;

  constructor(file: string, argv: string[], options: { env: Record<string, string>; cwd: string }) {
    // Wide, so that the terminal breaks no line of what is compared.
    this.#pty = spawn(file, argv, { name: "xterm-256color", cols: 400, rows: 60, ...options });
    this.#pty.onData((text) => {
      this.#raw += text;
      this.#wake();
    });
    this.exited = new Promise((resolve) => {
      this.#pty.onExit(({ exitCode }) => {
        this.#isOver = true;
        this.#wake();
        resolve(exitCode);
      });
    });
  }

  /** Everything shown so far, without colours. */
  get screen(): string {
    return stripVTControlCharacters(this.#raw).replaceAll("\r", "");
  }

  get raw(): string {
    return this.#raw;
  }

  /** Reads on until that shows up, and answers with the match. Rejects, with the screen, when it does not. */
  async see(pattern: RegExp): Promise<RegExpExecArray> {
    let isLate = false;
    const timer = setTimeout(() => {
      isLate = true;
      this.#wake();
    }, SEEN_WITHIN_MS);
    using _ = { [Symbol.dispose]: () => clearTimeout(timer) };
    for (;;) {
      const rest = this.screen.slice(this.#read);
      const found = pattern.exec(rest);
      if (found !== null) {
        this.#read += found.index + found[0].length;
        return found;
      }
      if (this.#isOver) throw new Error(`The program ended without ${pattern}. It said:\n${this.screen}`);
      if (isLate)
        throw new Error(
          `Within ${SEEN_WITHIN_MS} ms there was no ${pattern} after:\n${this.screen.slice(0, this.#read)}\nbut this:\n${JSON.stringify(this.raw)}`,
        );
      await new Promise<void>((resolve) => {
        this.#waiting.add(resolve);
      });
    }
  }

  type(keys: string): void {
    this.#pty.write(keys);
  }

  /** A line, with Enter. */
  answer(line: string): void {
    this.type(`${line}\r`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#isOver) return;
    this.#pty.kill("SIGKILL");
    await this.exited;
  }

  #wake(): void {
    for (const resolve of this.#waiting) resolve();
    this.#waiting.clear();
  }
}
