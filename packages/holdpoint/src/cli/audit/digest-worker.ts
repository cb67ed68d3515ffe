// A thread that digests entries of an exported log: gets whole lines as bytes, answers with a DigestedChunk.
import { digestEntry, isEntryLine, ProofError, type ProofFault } from "@holdpoint/protocol";
import { parentPort } from "node:worker_threads";
import { LineSplitter } from "./lines.ts";
import { nativeHasher } from "./native-hasher.ts";

const HASH_BYTES = 32;

/** What a chunk of lines comes to: its entries as columns, so that an answer is three pieces of memory. */
export interface DigestedChunk {
  indexes: Float64Array;
  hashes: Uint8Array;
  /** 1 where something was erased. */
  erased: Uint8Array;
  /** Lines that are not entries: each before the entry of that number in this chunk. */
  others: { before: number; line: string }[];
  /** Of the line after all that is above; the lines behind it were not looked at. */
  fault?: { fault: ProofFault; message: string; index: number | undefined };
}

export function digestChunk(bytes: Uint8Array): DigestedChunk {
  const splitter = new LineSplitter();
  const indexes: number[] = [];
  const erased: number[] = [];
  const hashes: Uint8Array[] = [];
  const others: DigestedChunk["others"] = [];
  let fault: DigestedChunk["fault"];
  for (const line of linesOf(splitter, bytes)) {
    if (!isEntryLine(line)) {
      others.push({ before: indexes.length, line });
      continue;
    }
    try {
      const entry = digestEntry(line, nativeHasher);
      indexes.push(entry.index);
      hashes.push(entry.hash);
      erased.push(entry.isErased ? 1 : 0);
    } catch (error) {
      if (!(error instanceof ProofError)) throw error;
      const { index } = error.details as { index?: number };
      fault = { fault: error.fault, message: error.message, index };
      break;
    }
  }
  return {
    indexes: Float64Array.from(indexes),
    hashes: joined(hashes),
    erased: Uint8Array.from(erased),
    others,
    ...(fault !== undefined && { fault }),
  };
}

function* linesOf(splitter: LineSplitter, bytes: Uint8Array): Generator<string, void, undefined> {
  yield* splitter.push(bytes);
  const last = splitter.finish();
  if (last !== undefined) yield last;
}

function joined(hashes: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(hashes.length * HASH_BYTES);
  hashes.forEach((hash, at) => bytes.set(hash, at * HASH_BYTES));
  return bytes;
}

parentPort?.on("message", (bytes: Uint8Array) => {
  const chunk = digestChunk(bytes);
  parentPort?.postMessage(chunk, [
    chunk.indexes.buffer,
    chunk.hashes.buffer,
    chunk.erased.buffer,
  ] as ArrayBuffer[]);
});
