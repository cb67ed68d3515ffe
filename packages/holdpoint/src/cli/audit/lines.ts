const NEW_LINE = 0x0a;
/** No line of an export comes near it; a file without line ends is not read into memory to find that out. */
const MAX_LINE_BYTES = 67_108_864;

/** A line that no export has. */
export class LineTooLong extends Error {
  override name = "LineTooLong";

  constructor() {
    super(`It is longer than ${MAX_LINE_BYTES / 1_048_576} MB, which no line of an exported log is.`);
  }
}

/** What has no line end yet, in pieces: they are put together once. */
class OpenLine {
  #pieces: Uint8Array[] = [];
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** Throws LineTooLong. */
  add(piece: Uint8Array): void {
    if (this.#length + piece.length > MAX_LINE_BYTES) throw new LineTooLong();
    if (piece.length > 0) this.#pieces.push(piece);
    this.#length += piece.length;
  }

  /** Everything so far and this, in memory of their own; open is then nothing. */
  close(piece: Uint8Array): Buffer {
    const pieces = [...this.#pieces, piece];
    this.#pieces = [];
    this.#length = 0;
    const bytes = Buffer.from(new ArrayBuffer(pieces.reduce((sum, { length }) => sum + length, 0)));
    let at = 0;
    for (const part of pieces) {
      bytes.set(part, at);
      at += part.length;
    }
    return bytes;
  }
}

/** Splits bytes into lines without their ends. What follows the last line end is a line if it is not empty. */
export class LineSplitter {
  readonly #open = new OpenLine();

  /** Throws LineTooLong. */
  *push(chunk: Uint8Array): Generator<string, void, undefined> {
    const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    let start = 0;
    for (let end = bytes.indexOf(NEW_LINE); end !== -1; end = bytes.indexOf(NEW_LINE, start)) {
      if (this.#open.length > 0) yield this.#open.close(bytes.subarray(start, end)).toString("utf8");
      else yield bytes.toString("utf8", start, end);
      start = end + 1;
    }
    this.#open.add(bytes.subarray(start));
  }

  /** The last line, when it had no end. */
  finish(): string | undefined {
    return this.#open.length === 0 ? undefined : this.#open.close(new Uint8Array(0)).toString("utf8");
  }
}

/** The same bytes, cut where lines end, in memory of their own; the last may have no end. Throws LineTooLong. */
export async function* wholeLines(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const open = new OpenLine();
  for await (const chunk of chunks) {
    const end = chunk.lastIndexOf(NEW_LINE) + 1;
    if (end > 0) yield open.close(chunk.subarray(0, end));
    open.add(chunk.subarray(end));
  }
  if (open.length > 0) yield open.close(new Uint8Array(0));
}
