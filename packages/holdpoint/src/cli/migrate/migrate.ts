import { migrate, openDatabase } from "@holdpoint/server";
import { readSettings } from "../../settings.ts";
import type { Context } from "../context.ts";
import { databaseName } from "../../database-name.ts";
import { createLogger } from "../start/log.ts";

/** Applies what is pending and says what was done. Throws `DatabaseOpenError` and `MigrationError`. */
export async function migrateDatabase(context: Context, options: { json?: boolean }): Promise<void> {
  const { console, world } = context;
  const settings = readSettings(world.env, world.cwd);
  const { logger } = createLogger({ ...settings, logLevel: settings.logLevel ?? "warn" }, world);
  const database = await openDatabase({
    ...(settings.databaseUrl === undefined ? { dataDir: settings.dataDir } : { url: settings.databaseUrl }),
    poolSize: 1,
    logger,
  });
  try {
    const report = await database.ownerSession((owner) => migrate(owner));
    const name = databaseName(settings);
    if (options.json === true) {
      console.json({ database: name, ...report });
      return;
    }
    for (const migration of report.migrations) console.data(`applied ${migration}`);
    if (report.functions.length > 0) console.data(`replaced ${report.functions.length} functions`);
    const isCurrent = report.migrations.length + report.functions.length === 0;
    console.say(isCurrent ? `${name} was up to date.` : `${name} is up to date.`);
  } finally {
    await database.close();
  }
}
