import { Command } from "commander";
import type { Context } from "../context.ts";

export function doctorCommand(context: Context): Command {
  return new Command("doctor")
    .description("look at this machine and these settings, and say what is wrong and what to do")
    .option("--json", "write JSON to stdout")
    .action(
      context.run(async (options: { json?: boolean }) => {
        const { examine } = await import("./doctor.ts");
        return examine(context, options);
      }),
    );
}
