import { Command } from "commander";
import type { Context } from "../context.ts";

export function startCommand(context: Context): Command {
  return new Command("start")
    .description("start the service with the agents of HOLDPOINT_CONFIG; what runs without a command")
    .option("--json", "write one line of JSON with address, link and key once it serves")
    .addHelpText("after", "\nSettings come from the environment: docs/reference/settings.md lists them.")
    .action(
      context.run(async (options: { json?: boolean }) => {
        // The service is heavy; commands that only talk to one must not pay for it.
        const { start } = await import("./start.ts");
        return start(context, options);
      }),
    );
}
