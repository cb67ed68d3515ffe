import { readFile } from "node:fs/promises";
import { readCheckpoint } from "@holdpoint/protocol";
import { CommandError, UsageError } from "../exit-code.ts";

/** So many of each log are compared when a file has more: spread evenly, and always the last. */
const MAX_CHECKPOINTS = 1_000;

/**
 * The checkpoints in a file: one signed note, or the lines of the file that the service keeps (`checkpoints.jsonl`).
 * Throws CommandError for a file that cannot be read, UsageError for one that holds none.
 */
export async function readKnownCheckpoints(path: string): Promise<string[]> {
  const text = await readFile(path, "utf8").catch((error: unknown) => {
    throw new CommandError(
      `${path} cannot be read: ${error instanceof Error ? error.message : String(error)}`,
    );
  });
  const notes = text.startsWith("{") ? text.split("\n").flatMap(noteOfLine) : [text];
  if (notes.length === 0) throw new UsageError(`${path} holds no checkpoint.`);
  // A service keeps the checkpoints of all its organisations in one file.
  const logs = Map.groupBy(notes, (note) => originOf(note, path));
  return [...logs.values()].flatMap(sample);
}

function sample(notes: string[]): string[] {
  const step = Math.ceil(notes.length / MAX_CHECKPOINTS);
  return notes.filter((_, index) => (notes.length - 1 - index) % step === 0);
}

function noteOfLine(line: string): string[] {
  if (line.trim() === "") return [];
  try {
    const { checkpoint } = JSON.parse(line) as { checkpoint?: unknown };
    return typeof checkpoint === "string" ? [checkpoint] : [line];
  } catch {
    return [line];
  }
}

function originOf(note: string, path: string): string {
  try {
    return readCheckpoint(note).origin;
  } catch {
    throw new UsageError(`${path} is not a file of checkpoints: ${JSON.stringify(note.slice(0, 60))}`);
  }
}
