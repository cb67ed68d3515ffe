import { GrowingTree, type FullTile } from "@holdpoint/core";
import {
  isSameHash,
  logOrigin,
  parseVerifierKey,
  ProofError,
  toBase64,
  verifyCheckpoint,
} from "@holdpoint/protocol";
import type { Queries } from "../database/database.ts";
import { renderInstant } from "../database/instant.ts";
import { nodeHasher } from "./node-hasher.ts";
import { readEntries, sealStoredEntry, type EntryRow } from "./stored-entry.ts";

/** Something that does not fit in the log as it is stored. */
export interface LogFinding {
  kind: "changed" | "missing" | "unplaced" | "tile" | "checkpoint";
  message: string;
  /** The entry that it is about, or before which it lies. */
  index?: number;
}

export interface LogCheck {
  /** Entries looked at. */
  entries: number;
  /** At most a hundred. */
  findings: LogFinding[];
}

/** An event that has waited for so long has been forgotten: the sequencer is down, or it was put in afterwards. */
const MAX_WAIT_SECONDS = 60;
const MAX_FINDINGS = 100;
const TILES = 64;
const CHECKPOINTS = 200;

/**
 * Compares everything that is stored of a log with everything else: events with leaves, leaves with tiles, the tree with
 * its checkpoints, and events that have no leaf after a minute. It is the service's own look at itself; who does not
 * trust the service verifies an export.
 */
export async function checkLog(queries: Pick<Queries, "call">, orgId: string): Promise<LogCheck> {
  return new Check(queries, orgId).run();
}

interface CheckpointRow {
  size: number;
  previous: number | null;
  root: string;
  note: string;
  key: string;
}

interface Gaps {
  tiles: number;
  waiting: { eventId: string; createdAt: string }[];
  orphaned: { index: number; eventId: string }[];
}

class Check {
  readonly #queries: Pick<Queries, "call">;
  readonly #orgId: string;
  readonly #tree = new GrowingTree(nodeHasher);
  readonly #findings: LogFinding[] = [];
  readonly #tiles: FullTile[] = [];
  #tileCount = 0;
  #checkpoints: CheckpointRow[] = [];
  #lastCheckpoint = 0;
  #comparedCheckpoint: number | null = null;

  constructor(queries: Pick<Queries, "call">, orgId: string) {
    this.#queries = queries;
    this.#orgId = orgId;
  }

  async run(): Promise<LogCheck> {
    const tiles = await this.#checkGaps();
    await this.#readCheckpoints();
    const everything = { from: 0, below: Number.MAX_SAFE_INTEGER };
    for await (const page of readEntries(this.#queries, this.#orgId, {}, everything)) {
      for (const row of page) await this.#checkEntry(row);
      await this.#checkTiles(TILES);
      if (this.#isFull()) break;
    }
    await this.#checkTiles(1);
    if (!this.#isFull()) {
      const [beyond] = this.#checkpoints;
      const { size } = this.#tree;
      if (beyond !== undefined) {
        this.#add("missing", `The log was cut off: it had ${beyond.size} entries, and has ${size}.`, size);
      }
      if (tiles !== this.#tileCount)
        this.#add("tile", `There are ${tiles} full tiles instead of ${this.#tileCount}.`);
    }
    return { entries: this.#tree.size, findings: this.#findings };
  }

  async #checkGaps(): Promise<number> {
    const gaps = await this.#queries.call("audit_gaps_v1", this.#orgId, MAX_WAIT_SECONDS, MAX_FINDINGS);
    const { tiles, waiting, orphaned } = gaps as Gaps;
    for (const { index, eventId } of orphaned) {
      this.#add("missing", `The event of entry ${index} (${eventId}) is gone.`, index);
    }
    for (const { eventId, createdAt } of waiting) {
      this.#add(
        "unplaced",
        `${eventId} of ${renderInstant(createdAt)} has no place in the log; that takes ${MAX_WAIT_SECONDS} s at most.`,
      );
    }
    return tiles;
  }

  async #checkEntry(row: EntryRow): Promise<void> {
    const { index } = row;
    const { size } = this.#tree;
    if (index !== size) this.#add("missing", `Entry ${size} is missing.`, size);
    const sealed = sealStoredEntry(this.#orgId, row);
    const hash = Buffer.from(row.hash, "hex");
    if (sealed !== undefined && !isSameHash(sealed.hash, hash)) {
      this.#add("changed", `Entry ${index} (${row.event?.id}) was changed.`, index);
    }
    this.#tiles.push(...this.#tree.append(hash));
    const [next] = this.#checkpoints;
    if (next?.size !== this.#tree.size) return;
    this.#checkpoints.shift();
    await this.#checkCheckpoint(next);
    if (this.#checkpoints.length === 0) await this.#readCheckpoints();
  }

  async #readCheckpoints(): Promise<void> {
    this.#checkpoints = (await this.#queries.call(
      "audit_roots_v1",
      this.#orgId,
      this.#lastCheckpoint,
      CHECKPOINTS,
    )) as CheckpointRow[];
    this.#lastCheckpoint = this.#checkpoints.at(-1)?.size ?? this.#lastCheckpoint;
  }

  async #checkCheckpoint({ size, previous, root, note, key }: CheckpointRow): Promise<void> {
    if (previous !== this.#comparedCheckpoint) {
      this.#add("checkpoint", `The checkpoint of ${previous ?? 0} entries is gone.`, (previous ?? 1) - 1);
    }
    this.#comparedCheckpoint = size;
    const expected = this.#tree.root();
    try {
      const signed = await verifyCheckpoint(note, [parseVerifierKey(key)]);
      const isOurs = signed.origin === logOrigin(this.#orgId) && signed.size === size;
      if (isOurs && isSameHash(signed.root, expected) && root === Buffer.from(expected).toString("hex"))
        return;
      this.#add(
        "checkpoint",
        `The first ${size} entries have the root ${toBase64(expected)}, which is not what was signed.`,
        size - 1,
      );
    } catch (error) {
      if (!(error instanceof ProofError)) throw error;
      this.#add("checkpoint", `The checkpoint of ${size} entries does not hold: ${error.message}`, size - 1);
    }
  }

  /** Compares the tiles that became full with those stored, once there are so many. */
  async #checkTiles(atLeast: number): Promise<void> {
    while (this.#tiles.length >= atLeast) {
      const tiles = this.#tiles.splice(0, TILES);
      this.#tileCount += tiles.length;
      const asked = JSON.stringify(tiles.map(({ level, index }) => ({ level, index })));
      const rows = await this.#queries.call("audit_full_tiles_v1", this.#orgId, asked);
      const stored = new Map(
        (rows as { level: number; index: number; hashes: string; root: string }[]).map((row) => [
          `${row.level}/${row.index}`,
          row.hashes + row.root,
        ]),
      );
      for (const { level, index, hashes, root } of tiles) {
        if (stored.get(`${level}/${index}`) === Buffer.concat([hashes, root]).toString("hex")) continue;
        this.#add("tile", `Tile ${level}/${index} is not made of the entries that are stored.`);
      }
    }
  }

  #isFull(): boolean {
    return this.#findings.length >= MAX_FINDINGS;
  }

  #add(kind: LogFinding["kind"], message: string, index?: number): void {
    if (!this.#isFull()) this.#findings.push({ kind, message, ...(index !== undefined && { index }) });
  }
}
