import { openDatabase } from "@holdpoint/server";
import { BARE_SCHEMA } from "../bare/statements.ts";
import type { Clients } from "./clients.ts";
import { statementCycle } from "./sql-clients.ts";
import type { Target } from "./target.ts";

const silent = { info: () => {}, warn: () => {}, error: () => {} };

/** The bare statements on PGlite with fsync on, in a folder of the service, opened as it does: one connection, so clients take turns. */
export async function embeddedClients(target: Extract<Target, { type: "embedded" }>): Promise<Clients> {
  const database = await openDatabase({ dataDir: target.dataDir, logger: silent });
  const schema = `${BARE_SCHEMA} grant select, insert, update on holds, events to hp_app;`;
  await database.ownerSession((owner) => owner.query(schema));
  const cycle = statementCycle(database.pool);
  return {
    take: async (count) => Array.from({ length: count }, () => cycle),
    close: () => database.close(),
  };
}
