// An exported log is JSON Lines: a header, an entry on each line, checkpoints where the log had their size, and an end.
//
// Each line is JSON for any reader. The texts that were hashed stand between tabs: canonical JSON has no tab, neither
// between tokens nor in strings, so that a verifier takes exactly the bytes that were hashed, without writing them anew.
import { z } from "zod";
import { toBase64Url } from "./base64.ts";
import { ProofError } from "./proof-error.ts";

/** The first member of the header. Another number is another format. */
export const EXPORT_FORMAT = "holdpoint-audit-log/1";

/** The first line. */
export const exportHeaderSchema = z.object({
  format: z.literal(EXPORT_FORMAT),
  origin: z.string(),
  orgId: z.string(),
  /** Verifier keys of https://c2sp.org/signed-note. Believing them is up to the reader. */
  keys: z.array(z.string()).min(1).max(64),
  /** What the file is proved against. */
  checkpoint: z.string(),
  /** Null: every entry up to the checkpoint. Else entries of this run, session or hold, each with its own proof. */
  filter: z.record(z.string(), z.string()).nullable(),
});
export type ExportHeader = z.infer<typeof exportHeaderSchema>;

/** Of a checkpoint, and of the last line. */
export const exportMarkSchema = z.union([
  z.strictObject({ checkpoint: z.string() }),
  z.strictObject({
    end: z.literal(true),
    entries: z.int().nonnegative(),
    checkpoints: z.int().nonnegative(),
  }),
]);

/** A line with an entry. */
export interface ExportedEntry {
  index: number;
  /** The entry's hash as base64url: lets a reader name the entry that was changed, and not only say that one was. */
  hash: string;
  /** Null when the event is no longer in the database, which no verifier accepts. */
  text: string | null;
  disclosures: string[];
  /** From the entry to the root, as base64url; only in an export of a part. */
  proof?: string[] | undefined;
}

export function formatEntryLine(entry: Omit<ExportedEntry, "hash"> & { hash: Uint8Array }): string {
  const proof = entry.proof === undefined ? "" : `,"proof":${JSON.stringify(entry.proof)}`;
  const start = `{"index":${entry.index},"hash":"${toBase64Url(entry.hash)}","leaf":\t${entry.text ?? "null"}\t${proof}`;
  if (entry.disclosures.length === 0) return `${start},"disclosures":[]}`;
  return `${start},"disclosures":[\t${entry.disclosures.join("\t,\t")}\t]}`;
}

const START = /^\{"index":(0|[1-9]\d{0,15}),"hash":"([\w-]{43})","leaf":$/;
const MIDDLE = /^(?:,"proof":(\[[^[\]]*\]))?,"disclosures":\[(?:\]\})?$/;

/** True for lines that {@link parseEntryLine} is for. */
export function isEntryLine(line: string): boolean {
  return line.startsWith('{"index":');
}

/** The opposite of {@link formatEntryLine}, for exactly what it writes. Throws ProofError `wrong_entry`. */
export function parseEntryLine(line: string): ExportedEntry {
  const [start = "", text = "", middle = "", ...rest] = line.split("\t");
  const [, index, hash] = START.exec(start) ?? [];
  const [, proof] = MIDDLE.exec(middle) ?? [];
  const isEmpty = middle.endsWith("]}");
  if (index === undefined || hash === undefined || !MIDDLE.test(middle) || isEmpty !== (rest.length === 0)) {
    throw notALine();
  }
  const disclosures: string[] = [];
  rest.forEach((piece, at) => {
    if (at % 2 === 0) disclosures.push(piece);
    else if (piece !== (at === rest.length - 1 ? "]}" : ",")) throw notALine();
  });
  if (rest.length % 2 === 1) throw notALine();
  return {
    index: Number(index),
    hash,
    text: text === "null" ? null : text,
    disclosures,
    ...(proof !== undefined && { proof: parseProof(proof) }),
  };
}

function parseProof(text: string): string[] {
  try {
    return z.array(z.string()).max(64).parse(JSON.parse(text));
  } catch {
    throw notALine();
  }
}

function notALine(): ProofError {
  return new ProofError("wrong_entry", "It is not written as an entry of an exported log.");
}
