import type { Holdpoint } from "@holdpoint/client";
import type { Command } from "commander";
import { connect, type ConnectionOptions } from "./connection.ts";
import { EXIT } from "./exit-code.ts";
import { Console } from "./terminal/console.ts";
import type { World } from "./world.ts";

/** Options of every command that talks to a server. */
export interface OnlineOptions extends ConnectionOptions {
  json?: boolean;
}

/** What every command gets. */
export class Context {
  readonly world: World;
  readonly console: Console;
  exitCode: number = EXIT.ok;

  constructor(world: World) {
    this.world = world;
    this.console = new Console(world);
  }

  /** A commander action whose answer is the exit code; none means 0. */
  run<Parameters extends unknown[]>(
    command: (...parameters: Parameters) => Promise<number | void>,
  ): (...parameters: Parameters) => Promise<void> {
    return async (...parameters) => {
      this.exitCode = (await command(...parameters)) ?? EXIT.ok;
    };
  }

  connect(options: ConnectionOptions): Promise<Holdpoint> {
    return connect(options, this.world);
  }
}

/** Adds the options of a command that talks to a server. */
export function online(command: Command): Command {
  return command
    .option("--url <address>", "the server (default: HOLDPOINT_URL, else the one started from this folder)")
    .option(
      "--api-key <key>",
      "the key (default: HOLDPOINT_API_KEY, which other users of the machine cannot see)",
    )
    .option("--json", "write JSON to stdout");
}
