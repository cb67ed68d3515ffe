/** One event of a stream as the WHATWG HTML standard, section 9.2.6, makes it out of bytes. */
export interface ServerSentEvent {
  /** The cursor that stands after this event; the last one seen where the event brought none. */
  lastEventId: string;
  /** Its `event:` field, `message` without one. */
  event: string;
  data: string;
}

/** No event of ours comes near: bodies are at most 1 MiB. A stream without line ends must not fill the memory. */
const MAX_EVENT_LENGTH = 16 * 1024 * 1024;

/**
 * Reads `text/event-stream` chunk by chunk, wherever the chunks were cut: inside a character, between CR and LF.
 *
 * An event that the stream breaks off in the middle of is dropped, as the standard asks: it comes again after a
 * reconnect, because its id was never taken.
 */
export class EventStreamParser {
  /** What to send as `Last-Event-ID`. */
  lastEventId: string;
  /** What the server asked to wait before reconnecting, in milliseconds. */
  retryMs: number | undefined;

  // The mark is taken off here: Node's decoder takes off two where the text is decoded at once.
  readonly #decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  #isAtStart = true;
  #line = "";
  #isAfterCarriageReturn = false;
  #data: string[] = [];
  #dataLength = 0;
  #event = "";
  #pendingId: string;

  constructor(lastEventId = "") {
    this.lastEventId = lastEventId;
    this.#pendingId = lastEventId;
  }

  /** Takes the next bytes and gives the events that they complete. Throws `RangeError` for an event over 16 MiB. */
  push(chunk: Uint8Array): ServerSentEvent[] {
    const events: ServerSentEvent[] = [];
    let text = this.#decoder.decode(chunk, { stream: true });
    if (text === "") return events;
    if (this.#isAtStart && text.startsWith("\ufeff")) text = text.slice(1);
    this.#isAtStart = false;
    if (this.#isAfterCarriageReturn && text.startsWith("\n")) text = text.slice(1);
    this.#isAfterCarriageReturn = text.endsWith("\r");
    const lines = text.split(/\r\n|\n|\r/);
    const rest = lines.pop() as string;
    for (const line of lines) {
      const event = this.#takeLine(this.#line + line);
      this.#line = "";
      if (event !== undefined) events.push(event);
    }
    this.#line += rest;
    if (this.#line.length + this.#dataLength > MAX_EVENT_LENGTH) {
      throw new RangeError(`The event stream sent an event of more than ${MAX_EVENT_LENGTH} characters.`);
    }
    return events;
  }

  #takeLine(line: string): ServerSentEvent | undefined {
    if (line === "") return this.#dispatch();
    const colon = line.indexOf(":");
    if (colon === 0) return undefined; // a comment: the heartbeat
    const field = colon === -1 ? line : line.slice(0, colon);
    const value = colon === -1 ? "" : line.slice(colon + 1).replace(/^ /, "");
    switch (field) {
      case "data":
        this.#data.push(value);
        this.#dataLength += value.length;
        break;
      case "event":
        this.#event = value;
        break;
      case "id":
        if (!value.includes("\0")) this.#pendingId = value;
        break;
      case "retry":
        if (/^[0-9]+$/.test(value)) this.retryMs = Number(value);
        break;
      default: // unknown fields are ignored
    }
    return undefined;
  }

  #dispatch(): ServerSentEvent | undefined {
    this.lastEventId = this.#pendingId;
    const [data, event] = [this.#data, this.#event];
    this.#data = [];
    this.#dataLength = 0;
    this.#event = "";
    if (data.length === 0) return undefined;
    return {
      lastEventId: this.lastEventId,
      event: event === "" ? "message" : event,
      data: data.join("\n"),
    };
  }
}
