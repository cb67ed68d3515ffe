import { moveEmbedded, type MoveReport } from "@holdpoint/server";
import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { databaseName } from "../../database-name.ts";
import { readSettings } from "../../settings.ts";
import type { Context } from "../context.ts";
import { CommandError, EXIT } from "../exit-code.ts";
import { PROGRAM } from "../holds/hints.ts";
import { createLogger } from "../start/log.ts";

/** Moves an embedded folder into the database of DATABASE_URL. Throws `MoveError`, `DatabaseOpenError`, `MigrationError`. */
export async function moveDatabase(
  context: Context,
  options: { json?: boolean; from: string },
): Promise<void> {
  const { console, world } = context;
  const settings = readSettings(world.env, world.cwd);
  if (settings.databaseUrl === undefined) {
    throw new CommandError(
      "DATABASE_URL says where to: an empty PostgreSQL database, postgres://user:password@host:5432/database.",
      EXIT.usage,
    );
  }
  const dataDir = resolve(world.cwd, options.from);
  const { logger } = createLogger({ ...settings, logLevel: settings.logLevel ?? "warn" }, world);
  const report = await moveEmbedded({
    dataDir,
    url: settings.databaseUrl,
    logger,
    progress: ({ table, rows, ofRows }) => {
      if (rows === ofRows || rows % 10_000 < 1_000) console.say(`${table}: ${rows} of ${ofRows} rows`);
    },
  });
  const to = databaseName(settings);
  const hasSecret = existsSync(join(dataDir, "secret"));
  if (options.json === true) {
    console.json({ from: dataDir, to, ...report });
    return;
  }
  for (const { name, rows } of report.tables) console.data(`moved ${rows} rows of ${name}`);
  for (const line of afterwards(report, { dataDir, to, hasSecret })) console.say(line);
}

function afterwards(
  { wasDone, left }: MoveReport,
  { dataDir, to, hasSecret }: { dataDir: string; to: string; hasSecret: boolean },
): string[] {
  const own = left.map(({ name, rows }) => `${name} (${rows} rows)`).join(", ");
  return [
    wasDone
      ? `${to} already held everything: an earlier move had only its end missing, which is done now.`
      : `${to} holds everything now.`,
    `${dataDir} is shut: it does not start any more, so that nothing is decided or executed twice.`,
    ...(own === ""
      ? []
      : [
          `Tables of your tools stayed behind: ${own}. The config's setup makes them anew; copy what is in them yourself.`,
        ]),
    ...(hasSecret
      ? [
          `Keys, signatures and sign-ins at providers go by the secret in ${join(dataDir, "secret")}: give its text to every ` +
            "instance as HOLDPOINT_SECRET.",
        ]
      : []),
    `Next: DATABASE_URL=… HOLDPOINT_SECRET=… ${PROGRAM} start`,
  ];
}
