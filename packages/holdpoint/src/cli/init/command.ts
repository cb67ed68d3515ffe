import { Command } from "commander";
import type { Context } from "../context.ts";
import { init } from "./init.ts";

export function initCommand(context: Context): Command {
  return new Command("init")
    .description("write a first agent into this folder: at most three files, none of yours is touched")
    .option("--json", "write JSON to stdout")
    .action(context.run(async (options: { json?: boolean }) => init(context, options)));
}
