import type { Settings } from "./settings.ts";

/** Which database, in words that may be shown: never with a password. */
export function databaseName(settings: Pick<Settings, "databaseUrl" | "dataDir">): string {
  if (settings.databaseUrl === undefined) return `The embedded database in ${settings.dataDir}`;
  const url = new URL(settings.databaseUrl);
  return `The database ${url.pathname.slice(1) || "(default)"} at ${url.host || "the local socket"}`;
}
