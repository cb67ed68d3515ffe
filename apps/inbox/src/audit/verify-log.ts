import { isJsonObject, LogFault, LogVerifier, type JsonValue, type VerifiedLog } from "@holdpoint/protocol";

/** So long it works at a stretch: below a frame, so that keys and clicks come through. */
const SLICE_MS = 8;
/** Longer than any line that the service writes. */
const MAX_LINE_CHARACTERS = 8_000_000;

/** The entry that does not fit, as far as the log still tells what it is. */
export interface FaultyEntry {
  index: number;
  eventId: string | undefined;
  holdId: string | undefined;
  runId: string | undefined;
}

export type Verdict =
  | { fits: true; log: VerifiedLog; note: string }
  | { fits: false; message: string; line: number; entry: FaultyEntry | undefined };

export interface VerifyLogOptions {
  /** Checkpoints of this log that were kept from before. */
  checkpoints: readonly string[];
  /** Told now and then: entries so far, and how many there will be where that is known. */
  onProgress: (entries: number, size: number | undefined) => void;
  signal: AbortSignal;
}

/**
 * Verifies a log as it is exported, while it arrives, in slices that leave the page usable. Nothing is kept but the
 * tree's edge. The policy of the page lets no worker be started from text, so this works where everything else does.
 *
 * Throws the reason of `signal`, or what the stream throws.
 */
export async function verifyLog(
  stream: ReadableStream<Uint8Array>,
  { checkpoints, onProgress, signal }: VerifyLogOptions,
): Promise<Verdict> {
  const verifier = new LogVerifier({ checkpoints });
  const breath = new Breath();
  let header: { note: string; size: number | undefined } | undefined;
  let lines = 0;
  let last = "";
  try {
    for await (const line of linesOf(stream, signal)) {
      last = line;
      // Most lines are entries, and need no waiting.
      const pending = verifier.push(line);
      if (pending !== undefined) await pending;
      header ??= readHeader(line, verifier.isWhole());
      lines++;
      if (breath.isDue()) {
        onProgress(lines - 1, header.size);
        await breath.take();
        signal.throwIfAborted();
      }
    }
    return { fits: true, log: verifier.finish(), note: header?.note ?? "" };
  } catch (error) {
    if (!(error instanceof LogFault)) throw error;
    return { fits: false, message: error.message, line: error.line, entry: entryOf(error, last) };
  } finally {
    await stream.cancel().catch(() => undefined);
  }
}

async function* linesOf(stream: ReadableStream<Uint8Array>, signal: AbortSignal): AsyncGenerator<string> {
  const decoder = new TextDecoder("utf-8", { fatal: true });
  const reader = stream.getReader();
  let rest = "";
  try {
    for (;;) {
      const { done, value } = await reader.read();
      signal.throwIfAborted();
      rest += done ? decoder.decode() : decoder.decode(value, { stream: true });
      let start = 0;
      for (let end = rest.indexOf("\n"); end !== -1; end = rest.indexOf("\n", start)) {
        yield rest.slice(start, end);
        start = end + 1;
      }
      rest = rest.slice(start);
      if (rest.length > MAX_LINE_CHARACTERS) throw new TypeError("A line of the log is too long to be one.");
      if (done) break;
    }
    if (rest !== "") yield rest;
  } finally {
    reader.releaseLock();
  }
}

/** Of a part, how many entries it has is known at its end. */
function readHeader(line: string, isWhole: boolean): { note: string; size: number | undefined } {
  const { checkpoint } = JSON.parse(line) as { checkpoint: string };
  const size = Number(checkpoint.split("\n")[1]);
  return { note: checkpoint, size: isWhole && Number.isSafeInteger(size) ? size : undefined };
}

function entryOf({ index }: LogFault, line: string): FaultyEntry | undefined {
  if (index === undefined) return undefined;
  const leaf = leafAt(index, line);
  const read = (name: string) => {
    const value = isJsonObject(leaf) ? leaf[name] : undefined;
    return typeof value === "string" ? value : undefined;
  };
  return { index, eventId: read("id"), holdId: read("holdId"), runId: read("runId") };
}

/** What the line says of the entry, believed only to name it; nothing where the line is of another entry. */
function leafAt(index: number, line: string): JsonValue | undefined {
  try {
    const parsed = JSON.parse(line) as { index?: unknown; leaf?: JsonValue };
    return parsed.index === index ? parsed.leaf : undefined;
  } catch {
    return undefined;
  }
}

/** Gives the page its turn, without the 4 ms that nested timers are made to wait. */
class Breath {
  #since = performance.now();

  isDue(): boolean {
    return performance.now() - this.#since > SLICE_MS;
  }

  async take(): Promise<void> {
    await new Promise<void>((resolve) => {
      const { port1, port2 } = new MessageChannel();
      port1.addEventListener("message", () => {
        port1.close();
        resolve();
      });
      port1.start();
      port2.postMessage(null);
    });
    this.#since = performance.now();
  }
}
