import { Holdpoint, HoldpointApiError } from "@holdpoint/client";
import { databaseName } from "../../database-name.ts";
import type { Settings } from "../../settings.ts";
import { isAlive, readLocalServer } from "../local-file.ts";
import type { Environment } from "../world.ts";
import { isLoopback } from "../start/address.ts";
import { fail, ok, warn, type Finding } from "./finding.ts";

const MODEL_KEYS = [
  "OPENAI_API_KEY",
  "ANTHROPIC_API_KEY",
  "GOOGLE_GENERATIVE_AI_API_KEY",
  "HOLDPOINT_MODEL_URL",
];
/** Two clocks this far apart make deadlines that people see wrong; those that count are the database's. */
const MAX_CLOCK_DIFFERENCE_MS = 5_000;

/** Where signing keys come from. */
export function lookAtSecret(settings: Pick<Settings, "secret" | "isProduction">): Finding {
  if (settings.secret !== undefined) {
    return settings.secret.length >= 32
      ? ok("Secret", "HOLDPOINT_SECRET is set")
      : fail(
          "Secret",
          "HOLDPOINT_SECRET is shorter than 32 characters",
          "Make one with: openssl rand -base64 33",
        );
  }
  return settings.isProduction
    ? fail(
        "Secret",
        "HOLDPOINT_SECRET is not set, and this is production",
        "Make one with: openssl rand -base64 33",
      )
    : ok("Secret", "made and kept in the data folder (development)");
}

/** Who can reach the port. */
export function lookAtBind(settings: Pick<Settings, "host" | "publicUrl">): Finding {
  if (isLoopback(settings.host)) return ok("Bind", `${settings.host}: only this machine reaches it`);
  const text = `HOST is ${settings.host}: other machines reach it`;
  if (settings.publicUrl === undefined) {
    return warn("Bind", text, "Set HOLDPOINT_PUBLIC_URL to the address that people use, or take HOST away.");
  }
  return settings.publicUrl.startsWith("https:")
    ? ok("Bind", `${text}, as ${settings.publicUrl}`)
    : warn(
        "Bind",
        `${text} without TLS`,
        "Put a proxy with TLS before it and give HOLDPOINT_PUBLIC_URL with https.",
      );
}

/** Which model would drive the agents. */
export function lookForModel(env: Environment): Finding {
  const found = MODEL_KEYS.filter((name) => (env[name] ?? "") !== "");
  if (found.length > 0) return ok("Model", `${found.join(", ")} ${found.length === 1 ? "is" : "are"} set`);
  return warn(
    "Model",
    "no key of a model provider is set; the example runs on a small script, other agents not at all",
    `Set one of ${MODEL_KEYS.join(", ")}.`,
  );
}

/** The server that runs from this data folder, if one does. */
export async function lookForServer(settings: Pick<Settings, "dataDir">): Promise<Finding> {
  const local = await readLocalServer(settings.dataDir);
  if (local === undefined) return ok("Server", "none was started from this folder");
  if (!isAlive(local.pid)) {
    return warn(
      "Server",
      `process ${local.pid}, which local.json names, is gone`,
      "Start it again: npx holdpoint start",
    );
  }
  try {
    const client = new Holdpoint({ url: local.url, timeoutMs: 5_000, maxRetries: 0 });
    await client.request("GET", "/ready");
    return ok("Server", `${local.url} serves (process ${local.pid})`);
  } catch (error) {
    if (HoldpointApiError.isInstance(error))
      return fail("Server", `${local.url} answers ${error.status}`, "Its log says why.");
    const why = error instanceof Error ? error.message.replace(/\.$/, "") : String(error);
    return fail("Server", `${local.url} does not answer: ${why}`, "Start it again: npx holdpoint start");
  }
}

/**
 * Whether the database answers, which it is, and how far its clock is from ours. The embedded one is not opened: that
 * would make it where there is none, and only one process may.
 */
export async function lookAtDatabase(
  settings: Pick<Settings, "databaseUrl" | "dataDir" | "databasePool">,
): Promise<Finding[]> {
  const name = databaseName(settings);
  if (settings.databaseUrl === undefined)
    return [ok("Database", name), ok("Clock", "the embedded database has ours")];
  const { openDatabase } = await import("@holdpoint/server");
  const silent = () => {};
  try {
    const database = await openDatabase({
      url: settings.databaseUrl,
      poolSize: 1,
      logger: { info: silent, warn: silent, error: silent },
    });
    try {
      const asked = Date.now();
      const [row] = await database.ownerSession(
        async (owner) =>
          (
            await owner.query<{ version: string; now: string }>(
              "select current_setting('server_version') as version, (extract(epoch from clock_timestamp()) * 1000)::bigint::text as now",
            )
          ).rows,
      );
      const difference = Math.abs(Number(row?.now) - (asked + Date.now()) / 2);
      return [ok("Database", `${name}, PostgreSQL ${row?.version ?? "?"}`), clockFinding(difference)];
    } finally {
      await database.close();
    }
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return [
      fail(
        "Database",
        `${name}: ${why}`,
        "Check DATABASE_URL, and that the server runs and lets this machine in.",
      ),
    ];
  }
}

function clockFinding(differenceMs: number): Finding {
  const text = `${Math.round(differenceMs)} ms apart from the database's`;
  return differenceMs <= MAX_CLOCK_DIFFERENCE_MS
    ? ok("Clock", text)
    : warn("Clock", text, "Let both machines follow a time server. Deadlines go by the database's clock.");
}

/** Whether the config file loads. */
export async function lookAtConfig(
  settings: Pick<Settings, "configPath" | "isConfigNamed">,
): Promise<Finding> {
  const { existsSync } = await import("node:fs");
  if (!settings.isConfigNamed && !existsSync(settings.configPath)) {
    return ok("Config", `there is no ${settings.configPath}; the service would start without agents`);
  }
  try {
    const { loadConfig } = await import("../../config-file.ts");
    const config = await loadConfig(settings.configPath);
    return ok(
      "Config",
      `${settings.configPath}: ${config.agents.map(({ id }) => id).join(", ") || "no agents"}`,
    );
  } catch (error) {
    return fail(
      "Config",
      error instanceof Error ? error.message : String(error),
      "Mend the file, or set HOLDPOINT_CONFIG.",
    );
  }
}
