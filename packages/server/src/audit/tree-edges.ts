import { GrowingTree } from "@holdpoint/core";
import type { Queries } from "../database/database.ts";
import { nodeHasher } from "./node-hasher.ts";

/** A checkpoint as the sequencer compares with it. */
export interface LastCheckpoint {
  size: number;
  root: Uint8Array;
}

/** The log of one organisation, as the sequencer goes on with it. */
export interface OpenLog {
  orgId: string;
  tree: GrowingTree;
  last: LastCheckpoint | undefined;
}

interface EdgeRow {
  orgId: string;
  size: number;
  leaves: string[];
  roots: { level: number; root: string }[];
  checkpoint: { size: number; root: string } | null;
}

const REMEMBERED_LOGS = 1_000;

/**
 * The logs that are being written, read from the database at first use. True only as long as nobody else writes: to be
 * forgotten with the session that excludes others, and after any statement whose end is not known.
 */
export class OpenLogs {
  readonly #session: Pick<Queries, "call">;
  readonly #logs = new Map<string, OpenLog>();

  constructor(session: Pick<Queries, "call">) {
    this.#session = session;
  }

  /** The logs of these organisations; those unknown in one round trip. */
  async open(orgIds: Iterable<string>): Promise<Map<string, OpenLog>> {
    const wanted = [...new Set(orgIds)];
    const unknown = wanted.filter((orgId) => !this.#logs.has(orgId));
    if (unknown.length > 0) {
      if (this.#logs.size + unknown.length > REMEMBERED_LOGS) this.#logs.clear();
      const asked = wanted.filter((orgId) => !this.#logs.has(orgId));
      const rows = (await this.#session.call("audit_edges_v1", asked)) as EdgeRow[];
      for (const row of rows) this.#logs.set(row.orgId, openLog(row));
    }
    return new Map(wanted.map((orgId) => [orgId, this.#logs.get(orgId) as OpenLog]));
  }
}

function openLog(row: EdgeRow): OpenLog {
  const partials = [row.leaves.map(fromHex)];
  for (const { level, root } of row.roots) (partials[level + 1] ??= []).push(fromHex(root));
  return {
    orgId: row.orgId,
    tree: new GrowingTree(nodeHasher, {
      size: row.size,
      partials: Array.from(partials, (hashes) => hashes ?? []),
    }),
    last:
      row.checkpoint === null ? undefined : { size: row.checkpoint.size, root: fromHex(row.checkpoint.root) },
  };
}

function fromHex(text: string): Uint8Array {
  return Buffer.from(text, "hex");
}
