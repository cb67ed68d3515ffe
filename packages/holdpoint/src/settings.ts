import { HoldpointError, nearestName } from "@holdpoint/protocol";
import { existsSync } from "node:fs";
import { join, resolve } from "node:path";

/** The environment does not say how to start. The message lists everything that is wrong with it. */
export class SettingsError extends HoldpointError {
  override name = "SettingsError";

  constructor(problems: readonly string[]) {
    super(
      problems.length === 1
        ? (problems[0] as string)
        : `These settings are wrong:\n- ${problems.join("\n- ")}`,
      {
        code: "invalid_settings",
        details: { problems },
      },
    );
  }
}

/** How to run the service, as the environment says it. Folders and files are absolute. */
export interface Settings {
  port: number;
  host: string;
  databaseUrl: string | undefined;
  databasePool: number;
  dataDir: string;
  apiKey: string | undefined;
  /** Where people reach the service; with its own address when it is not set. */
  publicUrl: string | undefined;
  secret: string | undefined;
  configPath: string;
  /** True when HOLDPOINT_CONFIG names it; otherwise the file may be missing. */
  isConfigNamed: boolean;
  modelUrl: string | undefined;
  model: string | undefined;
  trustedProxies: readonly string[];
  isStrict: boolean;
  /** Event streams that this instance keeps open, in all and with one credential. */
  streams: number;
  streamsPerCredential: number;
  /** Where checkpoints of the audit log are kept besides the database. */
  checkpointFile: string;
  checkpointWebhook: string | undefined;
  isPrivateWebhookAllowed: boolean;
  logLevel: LogLevel | undefined;
  isProduction: boolean;
}

export const LOG_LEVELS = ["trace", "debug", "info", "warn", "error", "fatal", "silent"] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** Every HOLDPOINT_* name there is, with what it is for; the docs and the check of unknown names read this list. */
export const HOLDPOINT_VARIABLES = {
  HOLDPOINT_DATA_DIR: "folder of the embedded database and of local.json; default ./.holdpoint",
  HOLDPOINT_API_KEY: "the first admin's operator key; for the command line, the key to use",
  HOLDPOINT_PUBLIC_URL: "where people reach the service; default http://localhost:PORT",
  HOLDPOINT_SECRET: "what signing keys derive from; required in production",
  HOLDPOINT_CONFIG: "the file that defines agents and tools; default ./holdpoint.config.ts",
  HOLDPOINT_MODEL_URL: "an OpenAI-compatible server to use as model",
  HOLDPOINT_MODEL: "the model's name there",
  HOLDPOINT_TRUSTED_PROXIES: "addresses whose Forwarded headers count, separated by commas",
  HOLDPOINT_DATABASE_POOL: "connections to a PostgreSQL server; default 10",
  HOLDPOINT_STREAMS: "event streams that one instance keeps open; default 20000",
  HOLDPOINT_STREAMS_PER_CREDENTIAL: "those of one key or session among them; default 1000",
  HOLDPOINT_STRICT: "true: what is only doubtful is an error too",
  HOLDPOINT_CHECKPOINT_FILE:
    "file that the audit log's signed checkpoints are added to; default checkpoints.jsonl in the data folder",
  HOLDPOINT_CHECKPOINT_WEBHOOK: "address that they are sent to as well",
  HOLDPOINT_PRIVATE_WEBHOOKS: "true: webhooks may lead to this machine and to private networks",
  HOLDPOINT_URL: "for client and command line: the server's address",
  HOLDPOINT_AUTO_APPROVE: "for the client's local gate only; the server never reads it",
} as const;

/** What is looked for in the folder, in this order. */
const CONFIG_NAMES = [
  "holdpoint.config.ts",
  "holdpoint.config.mts",
  "holdpoint.config.js",
  "holdpoint.config.mjs",
] as const;

/** The name of the config file in that folder; undefined when there is none. */
export function findConfigFile(folder: string): string | undefined {
  return CONFIG_NAMES.find((name) => existsSync(join(folder, name)));
}

/** Names that orchestrators inject for a service called holdpoint (HOLDPOINT_PORT_7777_TCP, HOLDPOINT_SERVICE_HOST). */
const INJECTED = /_SERVICE_|_PORT(_|$)/;

/** Reads the environment. Throws {@link SettingsError} with everything that is wrong, unknown HOLDPOINT_* names included. */
export function readSettings(env: Readonly<Record<string, string | undefined>>, cwd: string): Settings {
  const reader = new SettingsReader(env);
  const settings: Settings = {
    port: reader.integer("PORT", 7777, 0, 65_535),
    host: reader.text("HOST") ?? "127.0.0.1",
    databaseUrl: reader.url("DATABASE_URL", ["postgres:", "postgresql:"]),
    databasePool: reader.integer("HOLDPOINT_DATABASE_POOL", 10, 1, 1_000),
    dataDir: resolve(cwd, reader.text("HOLDPOINT_DATA_DIR") ?? ".holdpoint"),
    apiKey: reader.text("HOLDPOINT_API_KEY"),
    publicUrl: reader.origin("HOLDPOINT_PUBLIC_URL"),
    secret: reader.text("HOLDPOINT_SECRET"),
    configPath: resolve(cwd, reader.text("HOLDPOINT_CONFIG") ?? findConfigFile(cwd) ?? CONFIG_NAMES[0]),
    isConfigNamed: reader.text("HOLDPOINT_CONFIG") !== undefined,
    modelUrl: reader.url("HOLDPOINT_MODEL_URL", ["http:", "https:"]),
    model: reader.text("HOLDPOINT_MODEL"),
    trustedProxies: reader.list("HOLDPOINT_TRUSTED_PROXIES"),
    streams: reader.integer("HOLDPOINT_STREAMS", 20_000, 1, 1_000_000),
    streamsPerCredential: reader.integer("HOLDPOINT_STREAMS_PER_CREDENTIAL", 1_000, 1, 1_000_000),
    isStrict: reader.flag("HOLDPOINT_STRICT"),
    checkpointFile: resolve(
      cwd,
      reader.text("HOLDPOINT_CHECKPOINT_FILE") ??
        join(reader.text("HOLDPOINT_DATA_DIR") ?? ".holdpoint", "checkpoints.jsonl"),
    ),
    checkpointWebhook: reader.url("HOLDPOINT_CHECKPOINT_WEBHOOK", ["https:", "http:"]),
    isPrivateWebhookAllowed: reader.flag("HOLDPOINT_PRIVATE_WEBHOOKS"),
    logLevel: reader.choice("LOG_LEVEL", LOG_LEVELS),
    isProduction: env["NODE_ENV"] === "production",
  };
  reader.refuseUnknown();
  if (settings.isProduction && settings.secret === undefined) {
    reader.complain("HOLDPOINT_SECRET must be set in production. Make one with: openssl rand -base64 33");
  }
  reader.finish();
  return settings;
}

/** Reads one variable at a time and collects what is wrong, so that one start tells everything. */
class SettingsReader {
  readonly #env: Readonly<Record<string, string | undefined>>;
  readonly #problems: string[] = [];

  constructor(env: Readonly<Record<string, string | undefined>>) {
    this.#env = env;
  }

  /** An empty variable counts as absent, as shells and compose files leave them. */
  text(name: string): string | undefined {
    const value = this.#env[name]?.trim();
    return value === undefined || value === "" ? undefined : value;
  }

  integer(name: string, fallback: number, min: number, max: number): number {
    const text = this.text(name);
    if (text === undefined) return fallback;
    const value = Number(text);
    if (/^\d+$/.test(text) && value >= min && value <= max) return value;
    this.complain(`${name} must be a whole number from ${min} to ${max}, not ${JSON.stringify(text)}.`);
    return fallback;
  }

  flag(name: string): boolean {
    const text = this.text(name)?.toLowerCase();
    if (text === undefined || ["false", "0", "no"].includes(text)) return false;
    if (["true", "1", "yes"].includes(text)) return true;
    this.complain(`${name} must be true or false, not ${JSON.stringify(text)}.`);
    return false;
  }

  choice<Choice extends string>(name: string, choices: readonly Choice[]): Choice | undefined {
    const text = this.text(name)?.toLowerCase();
    const choice = choices.find((candidate) => candidate === text);
    if (text !== undefined && choice === undefined) {
      this.complain(`${name} must be one of ${choices.join(", ")}, not ${JSON.stringify(text)}.`);
    }
    return choice;
  }

  url(name: string, protocols: readonly string[]): string | undefined {
    const text = this.text(name);
    if (text === undefined) return undefined;
    if (URL.canParse(text) && protocols.includes(new URL(text).protocol)) return text;
    // Not repeated: it may hold a password.
    this.complain(
      `${name} must be an address that begins with ${protocols.map((p) => `${p}//`).join(" or ")}.`,
    );
    return undefined;
  }

  /** An address without a path: the service stands at the root of its host. */
  origin(name: string): string | undefined {
    const text = this.url(name, ["http:", "https:"]);
    if (text === undefined) return undefined;
    const url = new URL(text);
    if (url.pathname === "/" && url.search === "" && url.hash === "" && url.username === "")
      return url.origin;
    this.complain(`${name} must be an address without a path, like ${url.origin}.`);
    return undefined;
  }

  list(name: string): string[] {
    return (this.text(name) ?? "")
      .split(",")
      .map((item) => item.trim())
      .filter((item) => item !== "");
  }

  refuseUnknown(): void {
    const known = Object.keys(HOLDPOINT_VARIABLES);
    for (const name of Object.keys(this.#env)) {
      if (!name.startsWith("HOLDPOINT_") || known.includes(name) || INJECTED.test(name)) continue;
      const nearest = nearestName(name, known);
      this.complain(
        `There is no setting ${name}. ${nearest === undefined ? `There are: ${known.join(", ")}.` : `Did you mean ${nearest}?`}`,
      );
    }
  }

  complain(problem: string): void {
    this.#problems.push(problem);
  }

  finish(): void {
    if (this.#problems.length > 0) throw new SettingsError(this.#problems);
  }
}
