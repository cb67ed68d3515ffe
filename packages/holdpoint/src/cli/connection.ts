import { Holdpoint } from "@holdpoint/client";
import { CommandError, UsageError } from "./exit-code.ts";
import { PROGRAM } from "./holds/hints.ts";
import { dataFolder, isAlive, readLocalServer } from "./local-file.ts";
import type { World } from "./world.ts";

export interface ConnectionOptions {
  url?: string;
  apiKey?: string;
}

export interface Connection {
  url: string;
  apiKey: string;
}

/**
 * Where the server is and which key to use: the options, else HOLDPOINT_URL and HOLDPOINT_API_KEY, else what the
 * server that runs from this folder has written. The key of that server is sent to no other address.
 */
export async function findConnection(options: ConnectionOptions, world: World): Promise<Connection> {
  const url = options.url ?? (world.env["HOLDPOINT_URL"] || undefined);
  const apiKey = options.apiKey ?? (world.env["HOLDPOINT_API_KEY"] || undefined);
  if (url !== undefined) requireAddress(url);
  if (url !== undefined && apiKey !== undefined) return { url, apiKey };
  const folder = dataFolder(world.env, world.cwd);
  const local = await readLocalServer(folder);
  if (url !== undefined) {
    if (local !== undefined && new URL(local.url).origin === new URL(url).origin)
      return { url, apiKey: local.key };
    throw new UsageError(`There is no key for ${url}. Set HOLDPOINT_API_KEY, or give --api-key.`);
  }
  if (local === undefined) {
    throw new CommandError(
      `No server was started from this folder: ${folder} holds no local.json. Start one with \`${PROGRAM} start\`, or set HOLDPOINT_URL and HOLDPOINT_API_KEY.`,
    );
  }
  if (!isAlive(local.pid)) {
    throw new CommandError(
      `The server of this folder (process ${local.pid}) is not running. Start it with \`${PROGRAM} start\`, or set HOLDPOINT_URL and HOLDPOINT_API_KEY.`,
    );
  }
  return { url: local.url, apiKey: apiKey ?? local.key };
}

/** A client for that server. Sends nothing yet. */
export async function connect(options: ConnectionOptions, world: World): Promise<Holdpoint> {
  const connection = await findConnection(options, world);
  return new Holdpoint({ ...connection, via: "cli", maxRetries: 3 });
}

function requireAddress(url: string): void {
  if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol)) {
    throw new UsageError(`The address must begin with http:// or https://, not ${JSON.stringify(url)}.`);
  }
}
