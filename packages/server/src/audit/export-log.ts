import { planInclusion } from "@holdpoint/core";
import {
  EXPORT_FORMAT,
  formatEntryLine,
  logOrigin,
  toBase64Url,
  type ExportHeader,
} from "@holdpoint/protocol";
import type { Queries } from "../database/database.ts";
import { findCheckpoint, listVerifierKeys } from "./checkpoints.ts";
import { readEntries, sealStoredEntry, type EntryFilter, type EntryRow } from "./stored-entry.ts";
import { StoredTree } from "./stored-tree.ts";

/** Older checkpoints in a whole export: they tell where a rewritten log begins to differ. */
const OLDER_CHECKPOINTS = 100;

/** Lines without line ends. */
export type ExportPage = string[];

/**
 * The log as it is proved by its newest checkpoint, as pages of lines that `LogVerifier` takes: whole, or the entries of
 * a run, session or hold with a proof each. Undefined when nothing has been signed yet.
 */
export async function exportLog(
  queries: Pick<Queries, "call">,
  orgId: string,
  filter: EntryFilter,
): Promise<AsyncGenerator<ExportPage> | undefined> {
  const checkpoint = await findCheckpoint(queries, orgId);
  if (checkpoint === undefined) return undefined;
  const given = Object.entries(filter).filter(([, value]) => value !== undefined);
  const header: ExportHeader = {
    format: EXPORT_FORMAT,
    origin: logOrigin(orgId),
    orgId,
    keys: await listVerifierKeys(queries, orgId),
    checkpoint: checkpoint.note,
    filter: given.length === 0 ? null : Object.fromEntries(given),
  };
  const lines = given.length === 0 ? exportWhole : exportPart;
  return withFrame(header, lines({ queries, orgId, filter, size: checkpoint.size }));
}

interface Export {
  queries: Pick<Queries, "call">;
  orgId: string;
  filter: EntryFilter;
  size: number;
}

interface EntryPage {
  lines: ExportPage;
  entries: number;
  checkpoints: number;
}

async function* withFrame(
  header: ExportHeader,
  pages: AsyncGenerator<EntryPage>,
): AsyncGenerator<ExportPage> {
  yield [JSON.stringify(header)];
  const total = { entries: 0, checkpoints: 0 };
  for await (const { lines, entries, checkpoints } of pages) {
    total.entries += entries;
    total.checkpoints += checkpoints;
    yield lines;
  }
  yield [JSON.stringify({ end: true, ...total })];
}

async function* exportWhole({ queries, orgId, filter, size }: Export): AsyncGenerator<EntryPage> {
  const older = (await queries.call("audit_checkpoints_v1", orgId, size, OLDER_CHECKPOINTS)) as {
    size: number;
    note: string;
  }[];
  for await (const page of readEntries(queries, orgId, filter, { from: 0, below: size })) {
    const lines = page.flatMap((row) => {
      const line = renderLine(orgId, row);
      if (older[0]?.size !== row.index + 1) return [line];
      return [line, JSON.stringify({ checkpoint: older.shift()?.note })];
    });
    yield { lines, entries: page.length, checkpoints: lines.length - page.length };
  }
}

async function* exportPart({ queries, orgId, filter, size }: Export): AsyncGenerator<EntryPage> {
  const tree = new StoredTree(queries, orgId);
  for await (const page of readEntries(queries, orgId, filter, { from: 0, below: size })) {
    const proofs = await tree.proveAll(page.map(({ index }) => planInclusion(index, size)));
    const lines = page.map((row, at) => renderLine(orgId, row, proofs[at]?.map(toBase64Url)));
    yield { lines, entries: page.length, checkpoints: 0 };
  }
}

function renderLine(orgId: string, row: EntryRow, proof?: string[]): string {
  const sealed = sealStoredEntry(orgId, row);
  return formatEntryLine({
    index: row.index,
    // As it is stored, not as it is made anew: where they differ, a verifier names the entry.
    hash: Buffer.from(row.hash, "hex"),
    text: sealed?.text ?? null,
    disclosures: sealed?.disclosures ?? [],
    proof,
  });
}
