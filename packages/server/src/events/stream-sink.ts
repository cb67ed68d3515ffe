import type { StreamEncoding } from "./stream-encoding.ts";

/** Why a stream ends. */
export type StreamEnd =
  /** What it tells of has ended. */
  | "over"
  /** Its reader may not read any more. */
  | "refused"
  /** Its reader does not take what is sent. */
  | "slow"
  /** This instance stops. */
  | "stopping"
  /** The log could not be read. */
  | "failed"
  /** Its reader has gone. */
  | "gone";

/** Where a stream's bytes go: a raw response, a web stream, a WebSocket. */
export interface StreamSink {
  readonly encoding: StreamEncoding;
  /** More is buffered than a client may have: nothing is written until it has drained. */
  readonly isFull: boolean;
  write(chunk: Uint8Array): void;
  /** Keeps proxies from closing, and finds out who has gone. */
  heartbeat(): void;
  /** Calls back once, when what is buffered has gone out. Asked for while it is full. */
  onceDrained(listener: () => void): void;
  /** Called once, when the reader goes. */
  onClose(listener: () => void): void;
  /** Ends it; `resumeAfter` is the cursor to resume from. Repeating it does nothing. */
  end(reason: StreamEnd, resumeAfter: string): void;
}

/** What one client may have buffered here. Beyond it, the log waits for the client, not the memory. */
export const MAX_BUFFERED_BYTES = 256 * 1024;
