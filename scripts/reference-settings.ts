// Writes docs/reference/settings.md from the reader of the environment: `node scripts/reference-settings.ts`.
import { globSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { HOLDPOINT_VARIABLES, LOG_LEVELS, readSettings } from "../packages/holdpoint/src/settings.ts";
import { code, referencePath, renderPage, renderTable } from "./reference-markdown.ts";

/** Names that are not ours to list, with what they are for here. */
const OTHERS: Record<string, string> = {
  PORT: "the port to listen on; default 7777, 0 for any free one",
  HOST: "the address to listen on; default 127.0.0.1, which only this machine reaches",
  DATABASE_URL: "`postgres://…` of a PostgreSQL server; absent, the embedded database is used",
  LOG_LEVEL: `one of ${LOG_LEVELS.join(", ")}; default info`,
  NODE_ENV: "`production`: `HOLDPOINT_SECRET` is required, and start prints neither key nor link",
};

const MODEL_KEYS: Record<string, string> = {
  OPENAI_API_KEY: "for `openai/…`",
  ANTHROPIC_API_KEY: "for `anthropic/…`",
  GOOGLE_GENERATIVE_AI_API_KEY: "for `google/…`",
};

/** Read by the client library and the command line, not by the service. */
const CLIENT_ONLY = new Set(["HOLDPOINT_URL", "HOLDPOINT_AUTO_APPROVE"]);

/** Settings that might be read and not used: the member of `Settings` that each becomes. */
const PROPERTIES: Record<string, string> = {
  HOLDPOINT_TRUSTED_PROXIES: "trustedProxies",
  HOLDPOINT_STRICT: "isStrict",
};

/** The whole page, as it is in the repository. Throws for a variable that is read and not described. */
export function renderSettingsPage(): string {
  const read = namesRead();
  const described: Record<string, string> = { ...OTHERS, ...HOLDPOINT_VARIABLES };
  const missing = read.filter((name) => described[name] === undefined);
  if (missing.length > 0)
    throw new Error(`Read from the environment and not described: ${missing.join(", ")}`);
  const service = read.map((name) => row(name, described[name] ?? ""));
  const rest = Object.entries(HOLDPOINT_VARIABLES).filter(([name]) => !read.includes(name));
  const unread = rest.filter(([name]) => !CLIENT_ONLY.has(name));
  if (unread.length > 0)
    throw new Error(`Listed and read by nobody: ${unread.map(([name]) => name).join(", ")}`);
  const idle = [...Object.keys(PROPERTIES), "HOLDPOINT_AUTO_APPROVE"].filter((name) => !hasEffect(name));
  return renderPage("Settings", "`packages/holdpoint/src/settings.ts`", "reference-settings.ts", [
    "All settings come from the environment, and each has a default. An empty variable counts as absent. A `HOLDPOINT_*` name that is not listed here stops the start with a suggestion; names ending as orchestrators inject them (`HOLDPOINT_PORT_7777_TCP`, `HOLDPOINT_SERVICE_HOST`) are ignored. `holdpoint doctor` checks them without starting.",
    "## The service",
    renderTable([["variable", "what it is"], ...service]),
    "## Keys of model providers",
    renderTable([
      ["variable", "what it is"],
      ...Object.entries(MODEL_KEYS).map(([name, text]) => row(name, text)),
    ]),
    "## Client library and command line",
    renderTable([["variable", "what it is"], ...rest.map(([name, text]) => row(name, text))]),
    ...(idle.length === 0
      ? []
      : [`Accepted, and without effect in this version: ${idle.map(code).join(", ")}.`]),
    "The command line finds the service that was started from the same folder by itself: `start` writes its address and a key to `local.json` in the data folder, readable by its owner only. `HOLDPOINT_URL` and `HOLDPOINT_API_KEY`, or `--url` and `--api-key`, go before it.",
  ]);
}

/** Which names the reader looks up: what it does not read cannot be a setting. */
function namesRead(): string[] {
  const names = new Set<string>();
  const environment: Record<string, string | undefined> = new Proxy(
    {},
    {
      get(_target, name) {
        if (typeof name === "string") names.add(name);
        return undefined;
      },
      ownKeys: () => [],
    },
  );
  readSettings(environment, "/");
  return [...names];
}

function hasEffect(name: string): boolean {
  const packages = fileURLToPath(new URL("../packages/", import.meta.url));
  const paths = globSync("{holdpoint,client,server}/src/**/*.ts", { cwd: packages });
  const word = PROPERTIES[name] ?? name;
  return paths
    .filter((path) => !path.endsWith("settings.ts"))
    .some((path) => readFileSync(packages + path, "utf8").includes(word));
}

function row(name: string, text: string): string[] {
  return [code(name), `${text.charAt(0).toUpperCase()}${text.slice(1)}.`];
}

if (import.meta.main) writeFileSync(referencePath("settings"), renderSettingsPage());
