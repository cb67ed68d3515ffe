import { Command } from "commander";
import type { Context } from "../context.ts";

export function migrateCommand(context: Context): Command {
  return new Command("migrate")
    .description("bring the database up to date: that of DATABASE_URL, else the embedded one")
    .option("--json", "write JSON to stdout")
    .action(
      context.run(async (options: { json?: boolean }) => {
        const { migrateDatabase } = await import("./migrate.ts");
        await migrateDatabase(context, options);
      }),
    );
}
