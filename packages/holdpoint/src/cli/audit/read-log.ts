import { HASH_BYTES, LogFault, type LogVerifier, type VerifiedLog } from "@holdpoint/protocol";
import type { World } from "../world.ts";
import { DigestPool } from "./digest-pool.ts";
import type { DigestedChunk } from "./digest-worker.ts";
import { LineSplitter, LineTooLong, wholeLines } from "./lines.ts";
import { Progress } from "./progress.ts";

/** Where an exported log comes from. */
export interface LogSource {
  chunks: AsyncIterable<Uint8Array>;
  /** How many there will be, when that is known. */
  bytes: number | undefined;
}

/** The log as it is verified, or the first thing that does not fit. */
export type Verdict = { log: VerifiedLog } | { fault: LogFault };

const NEW_LINE = 0x0a;
/** From here on threads pay for their start. */
const THREADS_FROM_BYTES = 4_000_000;

/** Reads a log to its end or its first fault, and shows how far it is. */
export async function readLog(world: World, verifier: LogVerifier, source: LogSource): Promise<Verdict> {
  const progress = new Progress(world, source.bytes);
  try {
    const isLarge = (source.bytes ?? 0) >= THREADS_FROM_BYTES;
    await (isLarge ? readByThreads(verifier, source, progress) : readHere(verifier, source, progress));
    return { log: verifier.finish() };
  } catch (error) {
    if (error instanceof LogFault) return { fault: error };
    if (error instanceof LineTooLong)
      return { fault: verifier.faultOf("wrong_entry", error.message, undefined) };
    throw error;
  } finally {
    progress.end();
  }
}

async function readHere(verifier: LogVerifier, { chunks }: LogSource, progress: Progress): Promise<void> {
  const splitter = new LineSplitter();
  let bytes = 0;
  let lines = 0;
  for await (const chunk of chunks) {
    for (const line of splitter.push(chunk)) {
      // Most lines are entries, and need no waiting.
      const pending = verifier.push(line);
      if (pending !== undefined) await pending;
      lines++;
    }
    bytes += chunk.byteLength;
    progress.update(bytes, Math.max(0, lines - 1));
  }
  const last = splitter.finish();
  if (last !== undefined) await pushUnended(verifier, last);
}

/** Where a file ends within a line, it breaks off there, unless that line is whole. */
async function pushUnended(verifier: LogVerifier, line: string): Promise<void> {
  try {
    await verifier.push(line);
  } catch (error) {
    if (!(error instanceof LogFault) || error.line === 1) throw error;
    throw new LogFault(error.fault, "The file breaks off within this line.", error);
  }
}

/** Entries are digested by threads; their order, the tree and the checkpoints stay here. */
async function readByThreads(
  verifier: LogVerifier,
  { chunks }: LogSource,
  progress: Progress,
): Promise<void> {
  await using pool = new DigestPool();
  let bytes = 0;
  let entries = 0;
  const place = async (): Promise<void> => {
    const digested = await pool.take();
    if (digested === undefined) return;
    await placeChunk(verifier, digested);
    entries += digested.indexes.length;
    progress.update(bytes, entries);
  };
  const drain = async (): Promise<void> => {
    while (!pool.isEmpty()) await place();
  };
  let isBegun = false;
  try {
    for await (const whole of wholeLines(chunks)) {
      let chunk = whole;
      bytes += chunk.byteLength;
      if (!isBegun) {
        const end = chunk.indexOf(NEW_LINE);
        await verifier.push(Buffer.from(chunk.subarray(0, end === -1 ? undefined : end)).toString("utf8"));
        chunk = end === -1 ? new Uint8Array(0) : chunk.slice(end + 1);
        isBegun = true;
      }
      if (chunk.length === 0) continue;
      if (chunk.at(-1) !== NEW_LINE) {
        await drain();
        await pushUnended(verifier, Buffer.from(chunk).toString("utf8"));
      } else if (verifier.isWhole()) {
        pool.give(chunk);
        while (pool.isFull()) await place();
      } else {
        for (const line of linesOf(chunk)) await verifier.push(line);
      }
    }
  } catch (error) {
    // The first thing that does not fit is told: it may be in what was read before.
    if (error instanceof LineTooLong) await drain();
    throw error;
  }
  await drain();
}

async function placeChunk(verifier: LogVerifier, chunk: DigestedChunk): Promise<void> {
  const { indexes, hashes, erased, others, fault } = chunk;
  let other = 0;
  for (let at = 0; at <= indexes.length; at++) {
    for (let next = others[other]; next?.before === at; next = others[++other])
      await verifier.push(next.line);
    if (at === indexes.length) break;
    const hash = hashes.subarray(at * HASH_BYTES, (at + 1) * HASH_BYTES);
    verifier.place({ index: indexes[at] as number, hash: hash.slice(), isErased: erased[at] === 1 });
  }
  if (fault !== undefined) throw verifier.faultOf(fault.fault, fault.message, fault.index);
}

function* linesOf(bytes: Uint8Array): Generator<string, void, undefined> {
  const splitter = new LineSplitter();
  yield* splitter.push(bytes);
  const last = splitter.finish();
  if (last !== undefined) yield last;
}
