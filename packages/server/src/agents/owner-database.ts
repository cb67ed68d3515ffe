import type { Database } from "../database/database.ts";
import type { SetupDatabase } from "./config.ts";

/** Runs what a config has to do with tables of its own: as the owner, in one transaction. */
export async function inOwnerTransaction(
  database: Database,
  work: (owner: SetupDatabase) => Promise<void>,
): Promise<void> {
  await database.ownerSession(async (owner) => {
    await owner.query("begin");
    try {
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
