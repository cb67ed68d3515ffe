import { fromBase64Url } from "./base64.ts";
import { logOrigin, verifyCheckpoint, type Checkpoint } from "./checkpoint.ts";
import { CompactTree } from "./compact-tree.ts";
import { digestEntry, type DigestedEntry } from "./digest-entry.ts";
import { exportHeaderSchema, exportMarkSchema, isEntryLine, type ExportHeader } from "./export-line.ts";
import { portableHasher, type Hasher } from "./hasher.ts";
import { KnownCheckpoints } from "./known-checkpoints.ts";
import type { OpenedEntry } from "./leaf.ts";
import { LogFault } from "./log-fault.ts";
import { isSameHash, rootOfInclusion } from "./merkle.ts";
import { ProofError, type ProofFault } from "./proof-error.ts";
import { parseVerifierKey, type VerifierKey } from "./signed-note.ts";

export interface LogVerifierOptions {
  /** The keys that are trusted. Absent: those that the file names, which prove only that the file fits itself. */
  keys?: readonly VerifierKey[] | undefined;
  /** Checkpoints of this log that were kept elsewhere: what shows that the log was cut off or written anew. */
  checkpoints?: readonly string[] | undefined;
  hasher?: Hasher | undefined;
  /** Told each entry once it fits its own hash; whether it is in the log is known at the end. */
  onEntry?: ((index: number, entry: OpenedEntry) => void) | undefined;
}

export interface VerifiedLog {
  header: ExportHeader;
  checkpoint: Checkpoint;
  /** Entries in the file. */
  entries: number;
  /** Entries of which something was erased. */
  erasedEntries: number;
  /** Older checkpoints that the log fits: those in the file and those from elsewhere. */
  checkpointsInFile: number;
  checkpointsElsewhere: number;
}

/** The header, once it is believed. */
interface Reading {
  header: ExportHeader;
  keys: readonly VerifierKey[];
  checkpoint: Checkpoint;
  known: KnownCheckpoints;
}

/**
 * Verifies an exported log line by line, in constant memory, without a server and without trusting one.
 *
 * Give it every line with `push`, then call `finish`. Both throw {@link LogFault} with the first thing that does not fit.
 */
export class LogVerifier {
  readonly #options: LogVerifierOptions;
  readonly #hasher: Hasher;
  readonly #tree: CompactTree;
  #reading: Reading | undefined;
  #line = 0;
  #entries = 0;
  #lastIndex = -1;
  #erased = 0;
  #inFile = 0;
  #isEnded = false;

  constructor(options: LogVerifierOptions = {}) {
    this.#options = options;
    this.#hasher = options.hasher ?? portableHasher;
    this.#tree = new CompactTree(this.#hasher);
  }

  /** A line without its line end. Await what it returns, if anything, before the next. */
  push(line: string): Promise<void> | void {
    this.#line++;
    if (this.#reading === undefined) return this.#begin(line);
    const reading = this.#entered();
    if (!isEntryLine(line)) return this.#mark(line, reading);
    this.#entry(line, reading);
  }

  /** Whether the lines to come are entries of a whole log, which may be digested elsewhere. Known after the header. */
  isWhole(): boolean {
    return this.#reading?.header.filter === null;
  }

  /** Throws when the file ends before the log does. */
  finish(): VerifiedLog {
    const reading = this.#reading;
    if (reading === undefined) throw this.#fault("wrong_entry", "The file is empty.");
    if (!this.#isEnded) {
      throw this.#fault(
        "wrong_entry",
        `The file breaks off after entry ${this.#lastIndex}: its last line is missing.`,
      );
    }
    return {
      header: reading.header,
      checkpoint: reading.checkpoint,
      entries: this.#entries,
      erasedEntries: this.#erased,
      checkpointsInFile: this.#inFile,
      checkpointsElsewhere: reading.known.fitting,
    };
  }

  async #begin(line: string): Promise<void> {
    const parsed = exportHeaderSchema.safeParse(parseJson(line));
    if (!parsed.success) {
      throw this.#fault("wrong_entry", "The first line is not the header of an exported audit log.");
    }
    const header = parsed.data;
    await this.#attributed(async () => {
      const keys = this.#options.keys ?? header.keys.map(parseVerifierKey);
      const checkpoint = await verifyCheckpoint(header.checkpoint, keys);
      if (logOrigin(header.orgId) !== header.origin) {
        throw new ProofError("wrong_log", `${header.origin} is not the log of ${header.orgId}.`);
      }
      if (checkpoint.origin !== header.origin) {
        throw new ProofError(
          "wrong_log",
          `The checkpoint is of ${checkpoint.origin}, the file of ${header.origin}.`,
        );
      }
      const known = await KnownCheckpoints.verify(this.#options.checkpoints ?? [], header.origin, keys);
      this.#reading = { header, keys, checkpoint, known };
    });
    this.#compareKnown();
  }

  /**
   * An entry whose line was digested elsewhere, in the order of the lines. Throws LogFault.
   *
   * For exports of a whole log; count lines that are not entries with `push`.
   */
  place(entry: Pick<DigestedEntry, "index" | "hash" | "isErased">): void {
    this.#line++;
    this.#place(entry, this.#entered());
  }

  /** What digesting the next line has thrown, as the fault of that line. */
  faultOf(fault: ProofFault, message: string, index: number | undefined): LogFault {
    this.#line++;
    return this.#fault(fault, message, index ?? this.#lastIndex + 1);
  }

  #entered(): Reading {
    if (this.#reading === undefined) throw this.#fault("wrong_entry", "The first line is not a header.");
    if (this.#isEnded) throw this.#fault("wrong_entry", "There is more after the end of the log.");
    return this.#reading;
  }

  #entry(line: string, reading: Reading): void {
    let digested: DigestedEntry;
    try {
      const isOpened = this.#options.onEntry !== undefined || reading.header.filter !== null;
      digested = digestEntry(line, this.#hasher, { isOpened });
    } catch (error) {
      if (!(error instanceof ProofError)) throw error;
      const { index } = error.details as { index?: number };
      throw this.#fault(error.fault, error.message, index ?? this.#lastIndex + 1);
    }
    this.#place(digested, reading);
    this.#compareFilter(digested, reading);
    if (digested.opened !== undefined) this.#options.onEntry?.(digested.index, digested.opened);
  }

  #place(
    { index, hash, isErased, proof }: Pick<DigestedEntry, "index" | "hash" | "isErased" | "proof">,
    { header, checkpoint }: Reading,
  ): void {
    const isNext = header.filter === null ? index === this.#lastIndex + 1 : index > this.#lastIndex;
    if (!isNext) {
      const missing = this.#lastIndex + 1;
      throw this.#fault("wrong_entry", `Entry ${index} stands where entry ${missing} belongs.`, missing);
    }
    if (index >= checkpoint.size) {
      throw this.#fault(
        "wrong_entry",
        `Entry ${index} is behind the checkpoint, which has ${checkpoint.size}.`,
        index,
      );
    }
    if (isErased) this.#erased++;
    this.#lastIndex = index;
    this.#entries++;
    if (header.filter !== null) return this.#prove(hash, { index, proof }, checkpoint);
    this.#tree.append(hash);
    this.#compareKnown();
  }

  /** The entries of a part are of what it says that it is of. That there are no others, a part cannot show. */
  #compareFilter({ index, opened }: DigestedEntry, { header: { filter } }: Reading): void {
    for (const [member, value] of Object.entries(filter ?? {})) {
      if (opened?.event[member] === value) continue;
      throw this.#fault("wrong_entry", `Entry ${index} is not of the ${member} that the file is of.`, index);
    }
  }

  #prove(
    hash: Uint8Array,
    { index, proof = [] }: Pick<DigestedEntry, "index" | "proof">,
    checkpoint: Checkpoint,
  ): void {
    const hashes = proof.map((text) => fromBase64Url(text) ?? new Uint8Array(0));
    const root = this.#attributedSync(
      () => rootOfInclusion(hash, { index, size: checkpoint.size, hashes }, this.#hasher),
      index,
    );
    if (!isSameHash(root, checkpoint.root)) {
      throw this.#fault("wrong_root", `Entry ${index} is not in the log that the checkpoint is of.`, index);
    }
  }

  /** Compares with the checkpoints from elsewhere that are of just this size. */
  #compareKnown(): void {
    const other = this.#reading?.known.meet(this.#tree.size, () => this.#tree.root());
    if (other !== undefined) throw this.#rewritten(other);
  }

  #rewritten({ size }: Checkpoint): LogFault {
    return this.#fault(
      "wrong_root",
      `The first ${size} entries are not those that the checkpoint of ${size} entries was signed over: the log was rewritten somewhere among them.`,
      size - 1,
    );
  }

  async #mark(line: string, reading: Reading): Promise<void> {
    const parsed = exportMarkSchema.safeParse(parseJson(line));
    if (!parsed.success) {
      throw this.#fault("wrong_entry", `The line after entry ${this.#lastIndex} is none of an exported log.`);
    }
    const mark = parsed.data;
    if ("end" in mark) {
      if (mark.checkpoints !== this.#inFile) {
        throw this.#fault(
          "wrong_entry",
          `The file has ${this.#inFile} older checkpoints instead of ${mark.checkpoints}.`,
        );
      }
      return this.#end(mark.entries, reading);
    }
    const older = await this.#attributed(() => verifyCheckpoint(mark.checkpoint, reading.keys));
    if (
      older.origin !== reading.header.origin ||
      older.size !== this.#tree.size ||
      reading.header.filter !== null
    ) {
      throw this.#fault(
        "wrong_log",
        `A checkpoint of ${older.size} entries of ${older.origin} does not belong here.`,
      );
    }
    if (!isSameHash(older.root, this.#tree.root())) throw this.#rewritten(older);
    this.#inFile++;
  }

  #end(entries: number, { header, checkpoint, known }: Reading): void {
    const expected = header.filter === null ? checkpoint.size : entries;
    if (this.#entries !== expected || entries !== expected) {
      const index = this.#lastIndex + 1;
      throw this.#fault("wrong_entry", `Entry ${index} is missing: the log has ${expected} entries.`, index);
    }
    if (header.filter === null && !isSameHash(this.#tree.root(), checkpoint.root))
      throw this.#rewritten(checkpoint);
    if (header.filter !== null) this.#compareSigned(checkpoint, known);
    if (known.next !== undefined) {
      throw this.#fault(
        "wrong_root",
        `The log was cut off: it had ${known.next.size} entries when a given checkpoint was signed, and has ${checkpoint.size} here.`,
        checkpoint.size,
      );
    }
    this.#isEnded = true;
  }

  /** Of a part there is no tree: only checkpoints of the same size can be compared. */
  #compareSigned({ size, root }: Checkpoint, known: KnownCheckpoints): void {
    known.passOver(size);
    const other = known.meet(size, () => root);
    if (other !== undefined) throw this.#rewritten(other);
  }

  async #attributed<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      throw this.#attribute(error, undefined);
    }
  }

  #attributedSync<T>(work: () => T, index: number): T {
    try {
      return work();
    } catch (error) {
      throw this.#attribute(error, index);
    }
  }

  #attribute(error: unknown, index: number | undefined): unknown {
    if (!(error instanceof ProofError) || error instanceof LogFault) return error;
    return this.#fault(
      error.fault,
      index === undefined ? error.message : `Entry ${index} does not fit. ${error.message}`,
      index,
    );
  }

  #fault(fault: ProofFault, message: string, index?: number): LogFault {
    return new LogFault(fault, message, { line: this.#line, index });
  }
}

function parseJson(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
