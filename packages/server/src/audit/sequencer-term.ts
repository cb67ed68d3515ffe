// One term of the sequencer: what it does from being elected to losing that.
//
//  S1  Leaves, tiles and checkpoints are only ever inserted. Indexes that do not follow on are refused, by the function
//      and by the keys of the tables: whatever goes wrong, there is never a second log.
//  S2  Events are taken in the order of their transactions, and only below the horizon, under which nothing can appear
//      any more. So an order that was given stands.
//  S3  A batch is one statement: leaves and the tiles that they fill, or nothing.
//  S4  No checkpoint is signed unless the tree in the database, as it is stored there, is the one in memory and begins
//      with the tree of the last checkpoint.
//  S5  What is remembered here (the edges, the position) is true for this term only. After any error the term ends, and
//      the next one reads again.
//  S6  An event that cannot be an entry (somebody has put it into the table) is left out and said, and found by a check;
//      it does not stop the others, which are other organisations' too (I7).
import { randomBytes } from "node:crypto";
import { planConsistency, planRoot, type FullTile } from "@holdpoint/core";
import { isSameHash, ProofError, sealEntry, verifyConsistency } from "@holdpoint/protocol";
import type { Logger } from "pino";
import type { Queries } from "../database/database.ts";
import { renderEvent, type EventRow } from "../events/event-row.ts";
import type { CheckpointSigner } from "./checkpoint-signer.ts";
import { nodeHasher } from "./node-hasher.ts";
import { StoredTree } from "./stored-tree.ts";
import { OpenLogs, type OpenLog } from "./tree-edges.ts";

/** Where tests kill a sequencer. Absent in production. */
export const SEQUENCER_POINTS = [
  "elected",
  "read",
  "sealed",
  "appended",
  "checked",
  "signed",
  "stored",
] as const;
export interface SequencerFaults {
  hit(point: (typeof SEQUENCER_POINTS)[number]): void | Promise<void>;
}

export interface TermDeps {
  session: Pick<Queries, "call">;
  signer: CheckpointSigner;
  logger: Pick<Logger, "error">;
  faults?: SequencerFaults | undefined;
}

/** A log that has grown since its last checkpoint. In milliseconds of the monotonic clock. */
interface Growth {
  since: number;
  until: number;
}

/** Bounds the time of a statement, and what is lost when it fails. */
const BATCH = 1_000;
/** R: a checkpoint at least every 10 s while there is something new. */
const SIGN_AFTER_MS = 10_000;
/** A log that rests is signed at once, so that receipts need not wait. */
const SIGN_AFTER_REST_MS = 250;
const SALT_BYTES = 16;

export class SequencerTerm {
  readonly #deps: TermDeps;
  readonly #logs: OpenLogs;
  readonly #grown = new Map<string, Growth>();
  /** Logs that do not fit their last checkpoint: nothing is signed for them any more. */
  readonly #broken = new Set<string>();
  #after = "0";
  /** The first pass over a database that was restored into another server, or that has no checkpoint yet. */
  #isRestored = false;

  private constructor(deps: TermDeps) {
    this.#deps = deps;
    this.#logs = new OpenLogs(deps.session);
  }

  static async begin(deps: TermDeps): Promise<SequencerTerm> {
    const term = new SequencerTerm(deps);
    await deps.faults?.hit("elected");
    const { after } = (await deps.session.call("audit_position_v1")) as { after: string };
    term.#after = after;
    term.#isRestored = after === "0";
    const unsigned = (await deps.session.call("audit_unsigned_v1")) as string[];
    // Long ago, for all that this process knows: to be signed at the first opportunity.
    for (const orgId of unsigned) term.#grown.set(orgId, { since: -Infinity, until: -Infinity });
    return term;
  }

  /** Gives every event that can have one its place. Resolves to how many there were. */
  async sequence(): Promise<number> {
    let total = 0;
    for (;;) {
      const count = await this.#sequenceBatch();
      total += count;
      if (count < BATCH) return total;
    }
  }

  async #sequenceBatch(): Promise<number> {
    const { session, faults } = this.#deps;
    const { horizon, events } = (await session.call(
      "audit_pending_v1",
      this.#after,
      this.#isRestored,
      BATCH,
    )) as {
      horizon: string;
      events: EventRow[];
    };
    const last = events.at(-1);
    let placed = 0;
    if (last !== undefined) {
      await faults?.hit("read");
      placed = await this.#append(events);
    }
    if (events.length < BATCH) {
      this.#after = horizon;
      this.#isRestored = false;
    } else {
      // A whole batch without a place (S6) would come again for ever.
      this.#after = String(BigInt(last?.xid ?? 0) + (placed === 0 ? 1n : 0n));
    }
    return events.length;
  }

  /** Resolves to how many of them have a place now. */
  async #append(events: readonly EventRow[]): Promise<number> {
    const { session, faults } = this.#deps;
    const logs = await this.#logs.open(events.map(({ org_id }) => org_id));
    const salts = randomBytes(SALT_BYTES * events.length);
    const tiles: (FullTile & { orgId: string })[] = [];
    const rows = events.flatMap((row, at) => {
      const { tree } = logs.get(row.org_id) as OpenLog;
      const salt = salts.subarray(at * SALT_BYTES, (at + 1) * SALT_BYTES);
      const hash = this.#seal(row, salt);
      if (hash === undefined) return [];
      const index = tree.size;
      for (const tile of tree.append(hash)) tiles.push({ ...tile, orgId: row.org_id });
      return [{ orgId: row.org_id, index, eventId: row.id, hash, salt }];
    });
    await faults?.hit("sealed");
    await session.call(
      "audit_append_v1",
      rows.map(({ orgId }) => orgId),
      rows.map(({ index }) => index),
      rows.map(({ eventId }) => eventId),
      rows.map(({ hash }) => Buffer.from(hash)),
      rows.map(({ salt }) => salt),
      tiles.length === 0 ? null : JSON.stringify(tiles.map(renderTile)),
    );
    const now = performance.now();
    for (const orgId of new Set(rows.map((row) => row.orgId))) {
      this.#grown.set(orgId, { since: this.#grown.get(orgId)?.since ?? now, until: now });
    }
    await faults?.hit("appended");
    return rows.length;
  }

  /** S6. Undefined for an event that no transition of ours has written. */
  #seal(row: EventRow, salt: Buffer): Uint8Array | undefined {
    try {
      return sealEntry(row.org_id, renderEvent(row), { salt: salt.toString("hex") }, nodeHasher).hash;
    } catch (error) {
      this.#deps.logger.error(
        { err: error, orgId: row.org_id, eventId: row.id },
        "An event cannot be written to the audit log: it was not recorded by this service. It is left out.",
      );
      return undefined;
    }
  }

  /** When the next checkpoint is due, by the monotonic clock; undefined when nothing is new. */
  nextSigning(): number | undefined {
    if (this.#grown.size === 0) return undefined;
    return Math.min(...[...this.#grown.values()].map(dueAt));
  }

  /** Signs what is due, or everything that is new. Resolves to the number of new checkpoints. */
  async sign(options: { isAll?: boolean } = {}): Promise<number> {
    const now = performance.now();
    const due = [...this.#grown].filter(([, growth]) => options.isAll === true || dueAt(growth) <= now);
    let count = 0;
    for (const [orgId] of due) {
      this.#grown.delete(orgId);
      if (!this.#broken.has(orgId) && (await this.#signLog(orgId))) count++;
    }
    return count;
  }

  async #signLog(orgId: string): Promise<boolean> {
    const { session, signer, faults, logger } = this.#deps;
    const log = (await this.#logs.open([orgId])).get(orgId) as OpenLog;
    const { size } = log.tree;
    const root = log.tree.root();
    if (size === 0 || log.last?.size === size) return false;
    try {
      await this.#assertConsistent(log, root);
    } catch (error) {
      if (!(error instanceof ProofError || error instanceof RangeError)) throw error;
      this.#broken.add(orgId);
      logger.error(
        { err: error, orgId, size, lastSize: log.last?.size ?? 0 },
        "The audit log was changed where it is stored. It is not signed any more. Verify it with `holdpoint audit verify`, against a checkpoint kept elsewhere.",
      );
      return false;
    }
    await faults?.hit("checked");
    const { note, key } = signer.sign(orgId, size, root);
    await faults?.hit("signed");
    await session.call("audit_checkpoint_v1", orgId, size, Buffer.from(root), note, key, this.#after);
    log.last = { size, root };
    await faults?.hit("stored");
    return true;
  }

  /** S4. Throws ProofError or RangeError. */
  async #assertConsistent({ orgId, tree: { size }, last }: OpenLog, root: Uint8Array): Promise<void> {
    const stored = new StoredTree(this.#deps.session, orgId);
    const consistency = planConsistency(last?.size ?? 0, size);
    const [hashes = [], [whole] = []] = await stored.proveAll([consistency, planRoot(size, size)]);
    if (whole === undefined || !isSameHash(whole, root)) {
      throw new ProofError(
        "wrong_root",
        `The ${size} leaves that are stored are not those that were written.`,
      );
    }
    if (last !== undefined)
      verifyConsistency(last.root, root, { from: last.size, to: size, hashes }, nodeHasher);
  }
}

function dueAt({ since, until }: Growth): number {
  return Math.min(since + SIGN_AFTER_MS, until + SIGN_AFTER_REST_MS);
}

function renderTile({ orgId, level, index, hashes, root }: FullTile & { orgId: string }): object {
  const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");
  return { orgId, level, index, hashes: hex(hashes), root: hex(root) };
}
