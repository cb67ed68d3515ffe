import { mkdir, open, stat, type FileHandle } from "node:fs/promises";
import { dirname } from "node:path";
import type { CheckpointDestination, ExportedCheckpoint } from "./checkpoint-exports.ts";

/** A line has some 400 bytes; the last one is found in the last few thousand. */
const TAIL_BYTES = 8_192;

/**
 * A file of JSON lines that only grows. Its last line says where to go on, so it may be moved away and archived: a new
 * one begins with every checkpoint that the database has.
 */
export class CheckpointFile implements CheckpointDestination {
  readonly name: string;
  readonly #path: string;

  constructor(path: string) {
    this.name = path;
    this.#path = path;
  }

  async lastPosition(): Promise<number> {
    await mkdir(dirname(this.#path), { recursive: true });
    const size = await stat(this.#path).then(
      (found) => found.size,
      () => 0,
    );
    if (size === 0) return 0;
    await using file = await open(this.#path, "r+");
    const length = Math.min(size, TAIL_BYTES);
    const { buffer } = await file.read(Buffer.alloc(length), 0, length, size - length);
    const text = buffer.toString("utf8");
    // A process that was killed while it wrote may have left half a line: it is taken back.
    const end = text.lastIndexOf("\n") + 1;
    if (end < text.length) await file.truncate(size - Buffer.byteLength(text.slice(end)));
    return positionOf(text.slice(0, end).trimEnd().split("\n").at(-1) ?? "");
  }

  async take(checkpoints: readonly ExportedCheckpoint[]): Promise<void> {
    await using file: FileHandle = await open(this.#path, "a", 0o644);
    await file.appendFile(checkpoints.map((checkpoint) => `${JSON.stringify(checkpoint)}\n`).join(""));
    await file.datasync();
  }
}

/** 0 for what is none of our lines: then everything is written once more, which harms nothing. */
function positionOf(line: string): number {
  try {
    const { position } = JSON.parse(line) as Partial<ExportedCheckpoint>;
    return Number.isSafeInteger(position) ? (position as number) : 0;
  } catch {
    return 0;
  }
}
