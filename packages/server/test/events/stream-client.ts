import { connect, type Socket } from "node:net";

/** A client of an event stream on a socket of its own, which it may leave unread. */
export class StreamClient implements Disposable {
  readonly socket: Socket;
  /** The answer's head, and the body of a refusal. */
  head = "";
  /** Of the events that came whole. */
  readonly eventIds: string[] = [];
  readonly holdIds = new Set<string>();
  /** The last one that came whole. */
  cursor = "";
  isClosed = false;
  #cursor = "";
  #rest: string[] = [];
  readonly #listeners = new Set<() => void>();

  constructor(port: number, path: string, key: string, lastEventId?: string) {
    this.socket = connect(port, "127.0.0.1");
    this.socket.setEncoding("utf8");
    this.socket.on("error", () => undefined); // dropped: seen as the close
    this.socket.on("data", (text: string) => {
      this.#take(text);
      this.#changed();
    });
    this.socket.on("close", () => {
      this.isClosed = true;
      this.#changed();
    });
    const resume = lastEventId === undefined ? "" : `Last-Event-ID: ${lastEventId}\r\n`;
    this.socket.write(
      `GET ${path} HTTP/1.1\r\nHost: localhost:7777\r\nAuthorization: Bearer ${key}\r\n${resume}\r\n`,
    );
  }

  get status(): number {
    return Number(/^HTTP\/1\.1 (\d+)/.exec(this.head)?.[1] ?? 0);
  }

  async until(isReached: (client: this) => boolean): Promise<void> {
    while (!isReached(this)) {
      if (this.isClosed)
        throw new Error(`The stream was closed after ${this.eventIds.length} events.\n${this.head}`);
      await this.#change();
    }
  }

  async closed(): Promise<void> {
    while (!this.isClosed) await this.#change();
  }

  [Symbol.dispose](): void {
    this.socket.destroy();
  }

  /** What is whole, line by line; sizes of chunks are lines that begin no field. */
  #take(text: string): void {
    if (this.head.length < 5_000) this.head += text.slice(0, 5_000);
    const end = text.lastIndexOf("\n");
    if (end === -1) return void this.#rest.push(text);
    const lines = (this.#rest.join("") + text.slice(0, end)).split("\n");
    this.#rest = [text.slice(end + 1)];
    for (const line of lines) {
      // Taken with the empty line: an event that breaks off comes again.
      if (line.startsWith("id: ")) this.#cursor = line.slice(4);
      if (line === "") this.cursor = this.#cursor;
      const [, id, holdId] = /^data: \{"id":"(evt_\w+)".*"holdId":"?(\w+)/.exec(line) ?? [];
      if (id !== undefined) this.eventIds.push(id);
      if (holdId !== undefined) this.holdIds.add(holdId);
    }
  }

  #change(): Promise<void> {
    return new Promise((resolve) => {
      const listener = (): void => {
        this.#listeners.delete(listener);
        resolve();
      };
      this.#listeners.add(listener);
    });
  }

  #changed(): void {
    for (const listener of Array.from(this.#listeners)) listener();
  }
}
