import type { Database } from "../database/database.ts";
import type { SetupDatabase } from "./config.ts";

/** The number of our advisory lock: "setu" in ASCII. */
const LOCK_KEY = 0x73657475;

/**
 * Runs what a config has to do with tables of its own: as the owner, in one transaction, one instance after the other.
 * Two that start at once would both find no table, and "create table if not exists" of PostgreSQL fails for the second.
 */
export async function inOwnerTransaction(
  database: Database,
  work: (owner: SetupDatabase) => Promise<void>,
): Promise<void> {
  await database.ownerSession(async (owner) => {
    await owner.query("begin");
    try {
      await owner.query("select pg_advisory_xact_lock($1)", [LOCK_KEY]);
      await work({
        query: async <Row extends object>(text: string, values?: unknown[]) =>
          (await owner.query(text, values)).rows as Row[],
      });
      await owner.query("commit");
    } catch (error) {
      await owner.query("rollback").catch(() => undefined);
      throw error;
    }
  });
}
