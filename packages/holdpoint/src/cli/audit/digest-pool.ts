import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import type { DigestedChunk } from "./digest-worker.ts";

const MAX_THREADS = 4;
/** In work and waiting, of each thread: bounds memory, and keeps it busy. */
const CHUNKS_PER_THREAD = 2;

/** Threads that digest chunks of lines. Give chunks and take answers in the same order. */
export class DigestPool implements AsyncDisposable {
  readonly #workers: PooledWorker[];
  readonly #answers: Promise<DigestedChunk>[] = [];
  #next = 0;

  constructor() {
    const count = Math.min(MAX_THREADS, availableParallelism());
    this.#workers = Array.from({ length: count }, () => new PooledWorker());
  }

  /** Full: take an answer before the next chunk is given. */
  isFull(): boolean {
    return this.#answers.length >= this.#workers.length * CHUNKS_PER_THREAD;
  }

  isEmpty(): boolean {
    return this.#answers.length === 0;
  }

  /** The chunk's memory goes to the thread: it is not to be used any more. */
  give(chunk: Uint8Array): void {
    const worker = this.#workers[this.#next++ % this.#workers.length] as PooledWorker;
    const answer = worker.digest(chunk);
    // Looked at in its turn; until then a failure is nobody's.
    answer.catch(() => undefined);
    this.#answers.push(answer);
  }

  /** The answer to the oldest chunk. */
  async take(): Promise<DigestedChunk | undefined> {
    return this.#answers.shift();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#workers.map((worker) => worker.end()));
  }
}

class PooledWorker {
  readonly #worker: Worker;
  readonly #waiting: PromiseWithResolvers<DigestedChunk>[] = [];

  constructor() {
    // Beside this file, whether it runs from source or was built.
    const extension = import.meta.url.endsWith(".ts") ? "ts" : "js";
    this.#worker = new Worker(new URL(`./digest-worker.${extension}`, import.meta.url));
    this.#worker.on("message", (chunk: DigestedChunk) => this.#waiting.shift()?.resolve(chunk));
    this.#worker.on("error", (error) => {
      for (const { reject } of this.#waiting.splice(0)) reject(error);
    });
  }

  digest(chunk: Uint8Array): Promise<DigestedChunk> {
    const answer = Promise.withResolvers<DigestedChunk>();
    this.#waiting.push(answer);
    this.#worker.postMessage(chunk, [chunk.buffer as ArrayBuffer]);
    return answer.promise;
  }

  async end(): Promise<void> {
    await this.#worker.terminate();
  }
}
