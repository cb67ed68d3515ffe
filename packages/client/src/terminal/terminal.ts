import { HoldpointError } from "@holdpoint/protocol";
import { delay } from "../backoff.ts";
import { isNamed } from "../api-error.ts";

/** A keyboard and a screen with a person before them. */
export interface Terminal {
  say(line: string): void;
  /**
   * Asks until one of the words is typed out; Enter alone, and anything else, asks again. Waits for ever. Throws
   * {@link InterruptedError}, or the reason of `signal`.
   */
  choose<Word extends string>(question: string, words: readonly Word[], signal: AbortSignal): Promise<Word>;
  /** A line, which may be empty. Throws as {@link choose} does. */
  ask(question: string, signal: AbortSignal): Promise<string>;
}

/** The person pressed Ctrl-C, or closed the terminal: nothing was decided. */
export class InterruptedError extends HoldpointError {
  override name = "InterruptedError";

  constructor() {
    super("Interrupted at the terminal.", { code: "interrupted" });
  }

  /** True where a person broke the question off. */
  static override isInstance(error: unknown): error is InterruptedError {
    return isNamed(error, "InterruptedError");
  }
}

/** Long enough for what was typed before the question to arrive, too short for a person to read and answer. */
const SETTLE_MS = 50;

/** Opens this process's terminal for one dialogue. Undefined where there is none: no person could be asked. */
export function findTerminal():
  | (<Result>(talk: (terminal: Terminal) => Promise<Result>) => Promise<Result>)
  | undefined {
  // Asked for in this way, because this module is also loaded where there is no Node.
  const { process } = globalThis as { process?: NodeJS.Process };
  const readline = process?.getBuiltinModule?.("node:readline");
  if (readline === undefined || process?.stdin.isTTY !== true || !process.stderr.isTTY) return undefined;
  const { stdin, stderr } = process;
  return (talk) =>
    queue(() => {
      const keyboard = readline.createInterface({
        input: stdin,
        output: stderr,
        terminal: true,
        historySize: 0,
      });
      return dialogue(keyboard, (line) => stderr.write(`${line}\n`), talk);
    });
}

/** One keyboard: a question waits until the one before it is done. */
let last: Promise<unknown> = Promise.resolve();

function queue<Result>(work: () => Promise<Result>): Promise<Result> {
  const result = last.then(work);
  last = result.catch(() => undefined);
  return result;
}

/** What of Node's readline is needed. */
interface Keyboard {
  once(event: "SIGINT" | "close", listener: () => void): unknown;
  once(event: "line", listener: (line: string) => void): unknown;
  off(event: "line", listener: (line: string) => void): unknown;
  write(data: null, key: { ctrl: true; name: string }): void;
  setPrompt(prompt: string): void;
  prompt(): void;
  close(): void;
}

async function dialogue<Result>(
  keyboard: Keyboard,
  say: (line: string) => void,
  talk: (terminal: Terminal) => Promise<Result>,
): Promise<Result> {
  const closed = new AbortController();
  keyboard.once("SIGINT", () => closed.abort(new InterruptedError()));
  keyboard.once("close", () => closed.abort(new InterruptedError()));
  const ask: Terminal["ask"] = async (question, signal) => {
    const over = AbortSignal.any([closed.signal, signal]);
    // What is typed ahead must not answer a question that its writer has not seen.
    await delay(SETTLE_MS, over);
    keyboard.write(null, { ctrl: true, name: "e" });
    keyboard.write(null, { ctrl: true, name: "u" });
    return new Promise((resolve, reject) => {
      const stop = () => {
        keyboard.off("line", answer);
        reject(over.reason as Error);
      };
      const answer = (line: string) => {
        over.removeEventListener("abort", stop);
        resolve(line.trim());
      };
      keyboard.once("line", answer);
      over.addEventListener("abort", stop, { once: true });
      keyboard.setPrompt(question);
      keyboard.prompt();
    });
  };
  try {
    return await talk({
      say,
      ask,
      async choose(question, words, signal) {
        for (;;) {
          const typed = (await ask(question, signal)).toLowerCase();
          const word = words.find((each) => each === typed);
          if (word !== undefined) return word;
        }
      },
    });
  } finally {
    keyboard.close();
  }
}
