import type { WebSocket } from "ws";
import { socketMessages } from "./stream-encoding.ts";
import { MAX_BUFFERED_BYTES, type StreamEnd, type StreamSink } from "./stream-sink.ts";

/** Why a socket is closed: RFC 6455, section 7.4.1, and a word that a program can read. */
export const CLOSE_CODES = {
  over: 1000,
  gone: 1000,
  stopping: 1001,
  refused: 1008,
  failed: 1011,
  slow: 1013,
} as const satisfies Record<StreamEnd, number>;

/** Events that a client which acknowledges may have unacknowledged before it is waited for. */
export const WINDOW = 1_000;

/**
 * The messages of one WebSocket.
 *
 * A client that acknowledges is waited for: what it has not acknowledged counts like what it has not read. One that never
 * does is held to what its connection takes.
 */
export class SocketSink implements StreamSink {
  readonly encoding = socketMessages;
  readonly #socket: WebSocket;
  /** Cursors that were sent and are not acknowledged; undefined as long as the client acknowledges nothing. */
  #unacknowledged: string[] = [];
  #acknowledged: string | undefined;
  #drained: (() => void) | undefined;
  #isAlive = true;

  constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.on("pong", () => (this.#isAlive = true));
    socket.on("error", () => undefined); // seen as the close that follows
  }

  get isFull(): boolean {
    if (this.#socket.bufferedAmount >= MAX_BUFFERED_BYTES) return true;
    return this.#acknowledged !== undefined && this.#unacknowledged.length >= WINDOW;
  }

  write(chunk: Uint8Array): void {
    if (this.#socket.readyState !== this.#socket.OPEN) return;
    const cursor = /^\{"type":"event","cursor":"([^"]+)"/.exec(
      Buffer.from(chunk.subarray(0, 120)).toString(),
    );
    if (cursor?.[1] !== undefined) {
      this.#unacknowledged.push(cursor[1]);
      if (this.#unacknowledged.length > 2 * WINDOW) this.#unacknowledged.splice(0, WINDOW);
    }
    this.#socket.send(chunk, { binary: false }, () => this.#look());
  }

  /** Everything up to the last message with this cursor has been dealt with. False for a cursor that was not sent. */
  acknowledge(cursor: string): boolean {
    const at = this.#unacknowledged.lastIndexOf(cursor);
    if (at === -1) return cursor === this.#acknowledged;
    this.#unacknowledged.splice(0, at + 1);
    this.#acknowledged = cursor;
    this.#look();
    return true;
  }

  heartbeat(): void {
    // Nobody has answered since the last one: the line is dead, whatever the system says of it.
    if (!this.#isAlive) return this.#socket.terminate();
    this.#isAlive = false;
    this.#socket.ping();
  }

  onceDrained(listener: () => void): void {
    this.#drained = listener;
  }

  onClose(listener: () => void): void {
    this.#socket.once("close", listener);
  }

  end(reason: StreamEnd, resumeAfter: string): void {
    if (this.#socket.readyState !== this.#socket.OPEN) return;
    this.#socket.close(CLOSE_CODES[reason], `${reason}; resume=${this.#acknowledged ?? resumeAfter}`);
    // The closing waits behind what is buffered: who reads nothing would keep both.
    if (reason === "slow") this.#socket.terminate();
  }

  #look(): void {
    if (this.#drained === undefined || this.isFull) return;
    const drained = this.#drained;
    this.#drained = undefined;
    drained();
  }
}
