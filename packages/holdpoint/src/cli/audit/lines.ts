const NEW_LINE = 0x0a;

/** Splits bytes into lines without their ends. What follows the last line end is a line if it is not empty. */
export class LineSplitter {
  #rest: Buffer = Buffer.alloc(0);

  *push(chunk: Uint8Array): Generator<string, void, undefined> {
    const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    let start = 0;
    for (let end = bytes.indexOf(NEW_LINE); end !== -1; end = bytes.indexOf(NEW_LINE, start)) {
      if (this.#rest.length > 0) {
        yield Buffer.concat([this.#rest, bytes.subarray(start, end)]).toString("utf8");
        this.#rest = Buffer.alloc(0);
      } else {
        yield bytes.toString("utf8", start, end);
      }
      start = end + 1;
    }
    if (start < bytes.length) this.#rest = Buffer.concat([this.#rest, bytes.subarray(start)]);
  }

  /** The last line, when it had no end. */
  finish(): string | undefined {
    return this.#rest.length === 0 ? undefined : this.#rest.toString("utf8");
  }
}
