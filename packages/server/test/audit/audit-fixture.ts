import { LogVerifier, type LogVerifierOptions, type VerifiedLog } from "@holdpoint/protocol";
import { expect } from "vitest";
import { nodeHasher } from "../../src/audit/node-hasher.ts";
import type { Queries } from "../../src/database/database.ts";
import { exportLog } from "../../src/audit/export-log.ts";
import type { EntryFilter } from "../../src/audit/stored-entry.ts";

/** Verifies an exported log as the command line does. */
export async function verifyLines(
  lines: readonly string[],
  options: LogVerifierOptions = {},
): Promise<VerifiedLog> {
  const verifier = new LogVerifier({ hasher: nodeHasher, ...options });
  for (const line of lines) {
    const pending = verifier.push(line);
    if (pending !== undefined) await pending;
  }
  return verifier.finish();
}

/** The lines of an export, read from the store without a service. */
export async function exportLines(
  queries: Pick<Queries, "call">,
  orgId: string,
  filter: EntryFilter = {},
): Promise<string[]> {
  const lines: string[] = [];
  const pages = await exportLog(queries, orgId, filter);
  if (pages === undefined) throw new Error("Nothing is signed.");
  for await (const page of pages) lines.push(...page);
  return lines;
}

/** Resolves once everything that the organisation has recorded is signed. */
export async function untilSigned(queries: Pick<Queries, "call" | "query">, orgId: string): Promise<number> {
  let size = 0;
  await expect
    .poll(
      async () => {
        const { events, leaves, signed } = await countLog(queries, orgId);
        size = signed;
        return events === leaves && leaves === signed;
      },
      { timeout: 20_000, interval: 25 },
    )
    .toBe(true);
  return size;
}

export async function countLog(
  queries: Pick<Queries, "call" | "query">,
  orgId: string,
): Promise<{ events: number; leaves: number; signed: number }> {
  const [row] = await queries.query<{ events: number; leaves: number; signed: number }>(
    `with org as materialized (select set_config('hp.org_id', $1, true))
     select (select count(*) from holdpoint.events)::int as events, (select count(*) from holdpoint.audit_leaves)::int as leaves,
       coalesce((select max(size) from holdpoint.audit_checkpoints), 0)::int as signed from org`,
    [orgId],
  );
  return row ?? { events: 0, leaves: 0, signed: 0 };
}
