// A process of its own for tests: opens the folder, writes one row after the other, says which are acknowledged.
import type { HoldpointError } from "@holdpoint/protocol";
import { openDatabase } from "../../src/database/database.ts";
import { silentLogger } from "../../src/testing/silent-logger.ts";

const [dataDir = "", first = "0"] = process.argv.slice(2);
try {
  const database = await openDatabase({ dataDir, logger: silentLogger });
  if (first === "0") {
    await database.ownerSession(async (owner) => {
      await owner.query("create table public.notes (id int primary key)");
      await owner.query("grant all on public.notes to public");
    });
  }
  process.stdout.write("open\n");
  for (let id = Number(first) + 1; ; id++) {
    await database.query("insert into public.notes values ($1)", [id]);
    process.stdout.write(`${id}\n`);
  }
} catch (error) {
  const { code, message } = error as HoldpointError;
  process.stdout.write(`${JSON.stringify({ error: { code, message } })}\n`);
  process.exitCode = 1;
}
