import { toBase64Url } from "./base64.ts";
import { parseEntryLine } from "./export-line.ts";
import type { Hasher } from "./hasher.ts";
import { checkEntry, openEntry, type OpenedEntry } from "./leaf.ts";
import { leafHash } from "./merkle.ts";
import { ProofError } from "./proof-error.ts";

/** What is left of an entry once it was found to fit itself: enough to find its place. */
export interface DigestedEntry {
  index: number;
  hash: Uint8Array;
  /** Whether something was erased from it. */
  isErased: boolean;
  /** Only in an export of a part. */
  proof?: readonly string[] | undefined;
  /** Only if asked for: values are parsed for it. */
  opened?: OpenedEntry | undefined;
}

/**
 * Reads the line of an entry and makes sure that its text has the hash that the line says, and that what comes with it
 * is what it commits to. Needs no other line, so that lines may be digested by several threads.
 *
 * Throws ProofError `wrong_entry`, with the entry's index where it is known as `details.index`.
 */
export function digestEntry(line: string, hasher: Hasher, { isOpened = false } = {}): DigestedEntry {
  const { index, text, hash: written, disclosures, proof } = parseEntryLine(line);
  if (text === null) throw wrongEntry(`The event of entry ${index} is gone.`, index);
  const hash = leafHash(text, hasher);
  if (toBase64Url(hash) !== written) {
    throw wrongEntry(`Entry ${index} was changed: its hash is another one.`, index);
  }
  try {
    const opened = isOpened ? openEntry(text, disclosures, hasher) : undefined;
    const { withheld } = opened ?? checkEntry(text, disclosures, hasher);
    return { index, hash, isErased: withheld.length > 0, proof, opened };
  } catch (error) {
    if (!(error instanceof ProofError)) throw error;
    throw wrongEntry(`Entry ${index} does not fit. ${error.message}`, index);
  }
}

function wrongEntry(message: string, index: number): ProofError {
  return new ProofError("wrong_entry", message, { index });
}
