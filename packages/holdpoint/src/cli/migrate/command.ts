import { Command } from "commander";
import type { Context } from "../context.ts";

export function migrateCommand(context: Context): Command {
  return new Command("migrate")
    .description("bring the database up to date: that of DATABASE_URL, else the embedded one")
    .option("--from <folder>", "move an embedded database, whole, into the empty one of DATABASE_URL")
    .option("--json", "write JSON to stdout")
    .action(
      context.run(async (options: { json?: boolean; from?: string }) => {
        if (options.from !== undefined) {
          const { moveDatabase } = await import("./move.ts");
          return moveDatabase(context, { ...options, from: options.from });
        }
        const { migrateDatabase } = await import("./migrate.ts");
        await migrateDatabase(context, options);
      }),
    );
}
