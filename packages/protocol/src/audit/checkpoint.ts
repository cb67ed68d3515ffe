// Checkpoints, https://c2sp.org/tlog-checkpoint: signed notes that say how large a log is and what its root is.
import { fromBase64, toBase64 } from "./base64.ts";
import { HASH_BYTES } from "./merkle.ts";
import { ProofError } from "./proof-error.ts";
import { parseNote, verifyNote, type VerifierKey } from "./signed-note.ts";

/** A tree head: all of a log, in one hash. */
export interface Checkpoint {
  /** Which log. Ours are called `holdpoint/<organisation id>`. */
  origin: string;
  /** Entries of the tree. */
  size: number;
  root: Uint8Array;
}

/** The origin of an organisation's log. It never changes, unlike the address of the service. */
export function logOrigin(orgId: string): string {
  return `holdpoint/${orgId}`;
}

/** The text that is signed. */
export function formatCheckpoint({ origin, size, root }: Checkpoint): string {
  return `${origin}\n${size}\n${toBase64(root)}\n`;
}

/** Reads the text of a note, extension lines aside. Throws ProofError `malformed_checkpoint`. */
export function parseCheckpoint(text: string): Checkpoint {
  const lines = text.split("\n");
  const [origin, digits = "", encoded = ""] = lines;
  const root = fromBase64(encoded);
  const size = Number(digits);
  const isWhole = lines.length >= 4 && lines.pop() === "" && lines.every((line) => line !== "");
  if (
    origin === undefined ||
    !isWhole ||
    !/^(0|[1-9]\d*)$/.test(digits) ||
    !Number.isSafeInteger(size) ||
    root?.length !== HASH_BYTES
  ) {
    throw new ProofError(
      "malformed_checkpoint",
      "This is not a checkpoint (https://c2sp.org/tlog-checkpoint).",
    );
  }
  return { origin, size, root };
}

/** The checkpoint of a note that nobody has verified. Only to look at. */
export function readCheckpoint(note: string): Checkpoint {
  return parseCheckpoint(parseNote(note).text);
}

/**
 * The checkpoint of a note that one of the keys has signed as its own log's: a key speaks for the log of its name only.
 * Throws ProofError.
 */
export async function verifyCheckpoint(note: string, keys: readonly VerifierKey[]): Promise<Checkpoint> {
  const { text } = await verifyNote(note, keys);
  const checkpoint = parseCheckpoint(text);
  if (!keys.some(({ name }) => name === checkpoint.origin)) {
    throw new ProofError(
      "wrong_log",
      `This is a checkpoint of ${checkpoint.origin}, not of the log expected.`,
    );
  }
  return checkpoint;
}
