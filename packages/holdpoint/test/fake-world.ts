import { PassThrough } from "node:stream";
import { main } from "../src/cli/main.ts";
import type { World } from "../src/cli/world.ts";

export interface Outcome {
  code: number;
  stdout: string;
  stderr: string;
}

export interface FakeWorldOptions {
  env?: Record<string, string>;
  cwd?: string;
  /** Called with everything on stderr so far, whenever there is more. */
  onTalk?: (stderr: string, world: FakeWorld) => void;
  isTerminal?: boolean;
}

/** A machine for one command: in memory, with a keyboard that the test types on. */
export class FakeWorld implements World {
  readonly env: Record<string, string>;
  readonly cwd: string;
  readonly stdin: PassThrough & { isTTY?: boolean } = new PassThrough();
  readonly stdout: PassThrough & { isTTY?: boolean } = new PassThrough();
  readonly stderr: PassThrough & { isTTY?: boolean } = new PassThrough();
  #stdout = "";
  #stderr = "";
  readonly #wakes = new Set<() => void>();
  readonly #interrupts = new Set<(signal: "SIGINT" | "SIGTERM") => void>();

  constructor(options: FakeWorldOptions = {}) {
    this.env = { NO_COLOR: "1", ...options.env };
    this.cwd = options.cwd ?? "/nonexistent";
    if (options.isTerminal === true) {
      for (const stream of [this.stdin, this.stdout, this.stderr]) stream.isTTY = true;
    }
    this.stdout.on("data", (chunk: Buffer) => {
      this.#stdout += chunk.toString();
      for (const wake of this.#wakes) wake();
    });
    this.stderr.on("data", (chunk: Buffer) => {
      this.#stderr += chunk.toString();
      options.onTalk?.(this.#stderr, this);
      for (const wake of this.#wakes) wake();
    });
  }

  now(): number {
    return Date.parse("2026-08-01T12:00:00Z");
  }

  onInterrupt(listener: (signal: "SIGINT" | "SIGTERM") => void): () => void {
    this.#interrupts.add(listener);
    return () => this.#interrupts.delete(listener);
  }

  type(text: string): void {
    this.stdin.write(text);
  }

  interrupt(): void {
    for (const listener of this.#interrupts) listener("SIGINT");
  }

  /** Waits until that was written, to either stream. */
  async saw(pattern: RegExp): Promise<RegExpExecArray> {
    for (;;) {
      const found = pattern.exec(this.#stdout) ?? pattern.exec(this.#stderr);
      if (found !== null) return found;
      await new Promise<void>((resolve) => {
        this.#wakes.add(resolve);
      });
      this.#wakes.clear();
    }
  }

  async run(...argv: string[]): Promise<Outcome> {
    const code = await main(argv, this);
    // What was written last arrives with the next turn of the loop.
    await new Promise((resolve) => {
      setImmediate(resolve);
    });
    return { code, stdout: this.#stdout, stderr: this.#stderr };
  }
}

/** Runs one command in a world of its own. */
export function command(argv: string[], options: FakeWorldOptions = {}): Promise<Outcome> {
  return new FakeWorld(options).run(...argv);
}
