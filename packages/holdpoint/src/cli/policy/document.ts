import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { extname, resolve } from "node:path";
import {
  HoldpointError,
  isJsonObject,
  parseJson,
  type JsonObject,
  type PolicyFinding,
} from "@holdpoint/protocol";
import { checkDocument, PolicyError, toolsOfPolicy, type DefinedConfig } from "@holdpoint/server";
import { loadConfig } from "../../config-file.ts";
import { readSettings } from "../../settings.ts";
import { UsageError } from "../exit-code.ts";
import type { World } from "../world.ts";

/** The policy's document of a JSON file, or of a config file. Throws a usage error for what is neither. */
export async function readDocument(world: World, file: string): Promise<JsonObject> {
  if (extname(file) !== ".json") {
    const { policy } = await loadConfig(resolve(world.cwd, file));
    if (policy === undefined) throw new UsageError(`${file} has no policy.`);
    return policy;
  }
  let text: string;
  try {
    text = await readFile(resolve(world.cwd, file), "utf8");
  } catch (error) {
    throw new UsageError(
      `${file} cannot be read: ${error instanceof Error ? error.message : String(error)}.`,
    );
  }
  try {
    const document = parseJson(text);
    if (isJsonObject(document)) return document;
  } catch (error) {
    throw new UsageError(`${file} is not JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
  throw new UsageError(`${file} holds no policy: it must be a JSON object, {"rules": [...]}.`);
}

export interface CheckedFile {
  file: string;
  findings: PolicyFinding[];
}

/**
 * Checks a file without a server: a config file's policy, or a JSON document against the tools and agents of the config
 * file of this folder.
 */
export async function checkFile(
  world: World,
  given: string | undefined,
  options: { isStrict: boolean },
): Promise<CheckedFile> {
  const { configPath } = readSettings(world.env, world.cwd);
  const file = given ?? configPath;
  const isConfig = extname(file) !== ".json";
  let config: DefinedConfig | undefined;
  try {
    const path = isConfig ? resolve(world.cwd, file) : configPath;
    config = isConfig || existsSync(path) ? await loadConfig(path) : undefined;
  } catch (error) {
    const cause = HoldpointError.isInstance(error) ? error.cause : undefined;
    if (isConfig && cause instanceof PolicyError) return { file, findings: [...cause.findings] };
    throw error;
  }
  const document = isConfig ? config?.policy : await readDocument(world, file);
  if (document === undefined) throw new UsageError(`${file} has no policy.`);
  const agents = config?.agents ?? [];
  const checked = checkDocument(document, {
    tools: toolsOfPolicy(new Set(agents.flatMap(({ tools }) => tools)), config?.services),
    agents: agents.map(({ id }) => id),
    isStrict: options.isStrict,
  });
  return {
    file,
    findings: config === undefined ? withoutNames(checked.findings, configPath) : checked.findings,
  };
}

/** Nothing is known of the tools and agents here: no name of one can be a mistake, and that is said once. */
function withoutNames(findings: readonly PolicyFinding[], configPath: string): PolicyFinding[] {
  const rest = findings.filter(({ code }) => code !== "unknown_tool" && code !== "unknown_agent");
  return [
    ...rest,
    {
      severity: "warning",
      code: "names_not_checked",
      path: "",
      message: `The names of tools and agents were not checked: there is no config file at ${configPath}.`,
      remedy: "Run this beside the config file, or set HOLDPOINT_CONFIG.",
    },
  ];
}
