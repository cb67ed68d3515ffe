import type { World } from "../world.ts";

const REDRAW_MS = 100;
const BAR_WIDTH = 24;
const CLEAR_LINE = "\r\u001b[K";

/** A line on stderr that shows how far it is; nothing where stderr is no terminal. */
export class Progress {
  readonly #world: World;
  readonly #totalBytes: number | undefined;
  readonly #isShown: boolean;
  #drawnAt = 0;

  constructor(world: World, totalBytes: number | undefined) {
    this.#world = world;
    this.#totalBytes = totalBytes;
    this.#isShown = world.stderr.isTTY === true && world.env["TERM"] !== "dumb";
  }

  /** To be called often. */
  update(bytes: number, entries: number): void {
    if (!this.#isShown) return;
    const now = performance.now();
    if (now - this.#drawnAt < REDRAW_MS) return;
    this.#drawnAt = now;
    this.#world.stderr.write(`${CLEAR_LINE}${this.#bar(bytes)}${entries.toLocaleString("en")} entries`);
  }

  /** Takes the line away. */
  end(): void {
    if (this.#isShown) this.#world.stderr.write(CLEAR_LINE);
  }

  #bar(bytes: number): string {
    if (this.#totalBytes === undefined || this.#totalBytes === 0) return "";
    const share = Math.min(1, bytes / this.#totalBytes);
    const full = Math.round(share * BAR_WIDTH);
    return `${"█".repeat(full)}${"░".repeat(BAR_WIDTH - full)} ${Math.floor(share * 100)}%  `;
  }
}
