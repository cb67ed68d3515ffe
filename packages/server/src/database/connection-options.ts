import type pg from "pg";
import { typeParsers } from "./type-parsers.ts";

/** What every session of ours sets. As startup options they cost no round trip. */
const SESSION_SETTINGS = { TimeZone: "UTC", DateStyle: "ISO", idle_in_transaction_session_timeout: "30s" };

/** Startup options are split at spaces by the server; a backslash escapes. */
function renderStartupOption([name, value]: [string, string]): string {
  return `-c ${name}=${value.replace(/[\\\s]/g, String.raw`\$&`)}`;
}

/**
 * The `pg` configuration for one URL. Options of the URL (or of `PGOPTIONS`) are kept; ours come last and
 * win. With `role` the session starts in that role. `pg` lets a URL's `options` replace the given ones,
 * which is why they are taken out of the URL here.
 */
export function connectionOptions(url: string, role?: string): pg.ClientConfig {
  const ours = Object.entries(role === undefined ? SESSION_SETTINGS : { ...SESSION_SETTINGS, role }).map(
    renderStartupOption,
  );
  const parsed = new URL(url);
  const theirs = parsed.searchParams.get("options") ?? process.env["PGOPTIONS"];
  parsed.searchParams.delete("options");
  return {
    connectionString: parsed.href,
    options: [...(theirs ? [theirs] : []), ...ours].join(" "),
    fallback_application_name: "holdpoint",
    keepAlive: true,
    connectionTimeoutMillis: 10_000,
    types: typeParsers,
  };
}

/** The URL as it may be shown: without password and parameters. */
export function renderUrl(url: string): string {
  try {
    const parsed = new URL(url);
    return `${parsed.protocol}//${parsed.username ? `${parsed.username}@` : ""}${parsed.host}${parsed.pathname}`;
  } catch {
    return "(not a URL)";
  }
}
