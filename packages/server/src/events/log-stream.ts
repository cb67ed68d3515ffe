import { HoldpointError } from "@holdpoint/protocol";
import { formatCursor, type LogEvent } from "./event-log.ts";
import { PAGE, type LogTail } from "./log-tail.ts";
import { Batch, type StreamPosition, type ToldEvent } from "./stream-position.ts";
import type { StreamEnd, StreamSink } from "./stream-sink.ts";

export interface LogStreamParts {
  tail: LogTail;
  sink: StreamSink;
  position: StreamPosition;
  /** See `LogStreamOptions`. */
  assertMayRead: (() => Promise<unknown>) | undefined;
  isLast: ((event: LogEvent) => boolean) | undefined;
  isOver: boolean;
  extra: (() => Promise<string>) | undefined;
  /** A full reader that takes nothing for so long is dropped. */
  stalledMs: number;
  ended: () => void;
}

const RECHECK_MS = 1_000;
const STALLED_LOOKS = 5;

/**
 * One reader of the log.
 *
 * Owns: where it stands, its right, and its sink. Does not own: reads of the log; the tail shares them.
 *
 *  S1. `#position` is behind what was written, never before it: whatever follows it is still to come (I12).
 *  S2. It is either behind and reads by itself as fast as its client takes it, or it follows the tail. A batch of the
 *      tail that comes while it is behind is not lost: it reads once more.
 *  S3. Nothing is written to a full sink. Who does not take what is buffered within `stalledMs` is dropped.
 */
export class LogStream {
  readonly #parts: LogStreamParts;
  #position: StreamPosition;
  #state: "behind" | "following" | "ended" = "behind";
  #isDirty = false;
  #checkedAt = performance.now();
  #stopWaiting: (() => void) | undefined;

  constructor(parts: LogStreamParts) {
    this.#parts = parts;
    this.#position = parts.position;
  }

  get position(): StreamPosition {
    return this.#position;
  }

  get isFollowing(): boolean {
    return this.#state === "following";
  }

  start(): void {
    const { sink, tail } = this.#parts;
    sink.onClose(() => this.end("gone"));
    tail.add(this);
    sink.write(sink.encoding.start(this.#position.safe));
    this.#catchUp();
  }

  end(reason: StreamEnd): void {
    if (this.#state === "ended") return;
    this.#state = "ended";
    this.#parts.tail.remove(this);
    this.#parts.ended();
    this.#parts.sink.end(reason, formatCursor(this.#position.safe));
    this.#stopWaiting?.();
  }

  /** Ends it when its reader may not read any more. Asks at most once a second. */
  async check(): Promise<void> {
    const { assertMayRead } = this.#parts;
    if (assertMayRead === undefined || performance.now() - this.#checkedAt < RECHECK_MS) return;
    this.#checkedAt = performance.now();
    try {
      await assertMayRead();
    } catch (error) {
      this.fail(error);
    }
  }

  /** The end of a right is no fault of the stream: its client learns of it from the answer to its next request. */
  fail(error: unknown): void {
    if (this.#state === "ended") return;
    if (HoldpointError.isInstance(error) && error.status < 500) return this.end("refused");
    this.#parts.tail.report(error);
    this.end("failed");
  }

  /** What is not in the log, and comes before what is. */
  async tellExtra(): Promise<void> {
    if (this.#parts.extra === undefined || this.#parts.sink.isFull) return;
    try {
      const text = await this.#parts.extra();
      if (text !== "" && this.isFollowing) this.#parts.sink.write(Buffer.from(text));
    } catch (error) {
      this.fail(error);
    }
  }

  /** Takes what the tail has read; without a batch, there is something to read. */
  take(batch: Batch | undefined): void {
    if (this.#state === "behind") this.#isDirty = true;
    if (this.#state !== "following") return;
    const { sink } = this.#parts;
    if (batch?.covers(this.#position) !== true || sink.isFull) return this.#catchUp();
    const { told, to } = batch.newTo(this.#position);
    for (const chunk of batch.chunksFor(this.#position, sink.encoding)) sink.write(chunk);
    this.#position = to;
    if (this.#isEndedBy(told)) this.end("over");
  }

  heartbeat(): void {
    if (this.isFollowing && !this.#parts.sink.isFull) this.#parts.sink.heartbeat();
  }

  #isEndedBy(told: readonly ToldEvent[]): boolean {
    const { isLast } = this.#parts;
    return isLast !== undefined && told.some(({ event }) => isLast(event));
  }

  #catchUp(): void {
    this.#state = "behind";
    this.#readOn().catch((error: unknown) => this.fail(error));
  }

  async #readOn(): Promise<void> {
    const { tail, sink, isOver } = this.#parts;
    let pages = 1;
    let isThrough = false;
    while (!isThrough) {
      this.#isDirty = false;
      if (sink.isFull && !(await this.#isDrained())) return;
      await this.check();
      const before = this.#position;
      const read = await tail.readPage(before, pages);
      if (!(await this.#tell(new Batch(before, read)))) return;
      isThrough = read.length < PAGE * pages && (!this.#isDirty || isOver);
      // A page of which nothing is safe yet would be read again and again.
      pages = read.length === PAGE * pages && this.#position.safe === before.safe ? pages * 2 : 1;
    }
    if (isOver) return this.end("over");
    this.#state = "following";
    tail.follow(this);
  }

  /** Event by event, so that a page of large ones waits for its client too. False when the stream has ended. */
  async #tell(batch: Batch): Promise<boolean> {
    const { sink } = this.#parts;
    const { told, to } = batch.newTo(this.#position);
    if (this.#state === "ended") return false;
    for (const one of told) {
      if (sink.isFull && !(await this.#isDrained())) return false;
      for (const chunk of sink.encoding.encode([one])) sink.write(chunk);
      if (this.#isEndedBy([one])) {
        this.end("over");
        return false;
      }
    }
    this.#position = to;
    return true;
  }

  /** False when it was dropped, or has ended, before what was buffered had gone out. */
  async #isDrained(): Promise<boolean> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#parts.sink.onceDrained(resolve);
    // In several looks: it may be this process that did nothing for so long, which counts as one.
    let looks = STALLED_LOOKS;
    const timer = setInterval(() => {
      if (--looks === 0) this.end("slow");
    }, this.#parts.stalledMs / STALLED_LOOKS);
    this.#stopWaiting = resolve;
    await promise;
    this.#stopWaiting = undefined;
    clearInterval(timer);
    return (this.#state as string) !== "ended";
  }
}
