import { serverSentEvents, type StreamEncoding } from "./stream-encoding.ts";
import { MAX_BUFFERED_BYTES, type StreamEnd, type StreamSink } from "./stream-sink.ts";

const HEARTBEAT = Buffer.from(": \n\n");

/** Server-sent events as a web stream, for servers that are not Node's. */
export class WebSink implements StreamSink {
  readonly encoding: StreamEncoding;
  readonly stream: ReadableStream<Uint8Array>;
  #controller: ReadableStreamDefaultController<Uint8Array> | undefined;
  #drained: (() => void) | undefined;
  #closed: (() => void) | undefined;

  constructor(encoding = serverSentEvents) {
    this.encoding = encoding;
    this.stream = new ReadableStream<Uint8Array>(
      {
        start: (controller) => {
          this.#controller = controller;
        },
        pull: () => {
          const drained = this.#drained;
          this.#drained = undefined;
          drained?.();
        },
        cancel: () => this.#close(),
      },
      { highWaterMark: MAX_BUFFERED_BYTES, size: (chunk) => chunk?.byteLength ?? 0 },
    );
  }

  get isFull(): boolean {
    return (this.#controller?.desiredSize ?? 1) <= 0;
  }

  write(chunk: Uint8Array): void {
    // A copy: chunks are shared, and whoever reads a web stream may transfer its buffers.
    this.#controller?.enqueue(new Uint8Array(chunk));
  }

  heartbeat(): void {
    this.write(HEARTBEAT);
  }

  onceDrained(listener: () => void): void {
    this.#drained = listener;
  }

  onClose(listener: () => void): void {
    this.#closed = listener;
  }

  end(reason: StreamEnd): void {
    const controller = this.#controller;
    this.#controller = undefined;
    if (reason === "slow") controller?.error(new Error("The reader of this event stream is too slow."));
    else controller?.close();
    this.#close();
  }

  #close(): void {
    this.#controller = undefined;
    this.#closed?.();
    this.#closed = undefined;
  }
}
