import { mkdirSync, renameSync, statSync } from "node:fs";
import { join } from "node:path";
import pino, { type DestinationStream, type Logger } from "pino";
import type { Settings } from "../../settings.ts";
import { printable } from "../terminal/printable.ts";
import type { World } from "../world.ts";

const MAX_FILE_BYTES = 20 * 1024 * 1024;
const WARN = 40;

export interface ServiceLog {
  logger: Logger;
  /** Where the lines go, when that is a file. */
  path: string | undefined;
}

/**
 * The service's log. Under a supervisor (stderr is no terminal) it is JSON lines on stderr, as containers expect. On a
 * terminal JSON lines would bury the address and the sign-in link, so they go to `<data folder>/holdpoint.log`, and
 * warnings and errors are also said on stderr in a line for people.
 */
export function createLogger(
  settings: Pick<Settings, "dataDir" | "logLevel">,
  world: Pick<World, "stderr">,
): ServiceLog {
  const level = settings.logLevel ?? "info";
  const path = world.stderr.isTTY === true ? openFile(settings.dataDir) : undefined;
  const destination = path === undefined ? world.stderr : fileAndTerminal(path, world);
  // Values of these names never reach a log, whoever puts them into one.
  const redact = {
    paths: ["*.authorization", "*.apiKey", "*.key", "*.secret", "*.token"],
    censor: "[hidden]",
  };
  return { logger: pino({ level, base: null, redact }, destination), path };
}

/** The file, with the previous one kept when it has grown; undefined where there can be none: stderr takes all then. */
function openFile(dataDir: string): string | undefined {
  const path = join(dataDir, "holdpoint.log");
  try {
    mkdirSync(dataDir, { recursive: true, mode: 0o700 });
    if ((statSync(path, { throwIfNoEntry: false })?.size ?? 0) > MAX_FILE_BYTES)
      renameSync(path, `${path}.1`);
    return path;
  } catch {
    return undefined;
  }
}

function fileAndTerminal(path: string, world: Pick<World, "stderr">): DestinationStream {
  const file = pino.destination({ dest: path, append: true, mkdir: true, mode: 0o600, sync: true });
  return {
    write(line: string) {
      file.write(line);
      const said = describeLine(line);
      if (said !== undefined) world.stderr.write(`${said}\n`);
    },
  };
}

function describeLine(line: string): string | undefined {
  const entry = JSON.parse(line) as { level: number; msg?: string; err?: { message?: string } };
  if (entry.level < WARN) return undefined;
  const cause = entry.err?.message === undefined ? "" : ` (${entry.err.message})`;
  return printable(`${entry.level > WARN ? "error" : "warning"}: ${entry.msg ?? ""}${cause}`);
}
