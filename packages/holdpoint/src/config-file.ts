import { execFile } from "node:child_process";
import { existsSync, statSync } from "node:fs";
import { fileURLToPath, pathToFileURL } from "node:url";
import { stripVTControlCharacters } from "node:util";
import { HoldpointError } from "@holdpoint/protocol";
import { parseConfig, type DefinedConfig } from "@holdpoint/server";

/** The config file cannot be used. The message says which file, where in it, and what is wrong. */
export class ConfigFileError extends HoldpointError {
  override name = "ConfigFileError";

  constructor(message: string, cause?: unknown) {
    super(message, { code: "invalid_config", cause });
  }
}

/**
 * Loads a config file by Node's own import, TypeScript included. Throws {@link ConfigFileError} when the file is
 * missing, cannot be read as TypeScript (with the place), throws while it is loaded, has no default export, or names
 * an option that does not exist.
 */
export async function loadConfig(path: string): Promise<DefinedConfig> {
  if (!existsSync(path)) {
    throw new ConfigFileError(
      `There is no config file ${path}. It defines your agents; HOLDPOINT_CONFIG says where it is.`,
    );
  }
  if (!statSync(path).isFile())
    throw new ConfigFileError(`${path} is not a file. HOLDPOINT_CONFIG must name one.`);
  let module: { default?: unknown };
  try {
    module = (await import(pathToFileURL(path).href)) as { default?: unknown };
  } catch (error) {
    throw new ConfigFileError(`${path} cannot be loaded: ${await reasonOf(error, path)}`, error);
  }
  try {
    return parseConfig(module.default, path);
  } catch (error) {
    if (HoldpointError.isInstance(error)) throw new ConfigFileError(error.message, error);
    throw error;
  }
}

async function reasonOf(error: unknown, path: string): Promise<string> {
  if (!(error instanceof Error)) return `it throws ${String(error)}.`;
  const message = stripVTControlCharacters(error.message).trim();
  if (error instanceof SyntaxError) return `${message}${await excerptOf(error, path)}`;
  const place = placeOf(error, path);
  const at = place === undefined ? "" : `\n  at ${place}`;
  if ((error as NodeJS.ErrnoException).code === "ERR_MODULE_NOT_FOUND") {
    return `${message.replace(/ imported from [^\n]*/, "")}. Is it installed, and is its name written with its ending?${at}`;
  }
  // What our own define functions say is for the reader as it is.
  if (HoldpointError.isInstance(error)) return `${message}${at}`;
  return `it throws ${error.name}: ${message}${at}`;
}

/** The place and the lines that Node shows for a syntax error, which may be in a file that the config imports. */
async function excerptOf(error: SyntaxError, path: string): Promise<string> {
  // For plain JavaScript the error that import() throws has lost its place; checking the file alone finds it again.
  const excerpt = beforeError(error.stack ?? "") || (await checkSyntax(path));
  return excerpt
    .replaceAll(/file:\/\/\S+?(?=:\d+$)/gm, (url) => fileURLToPath(url))
    .split("\n")
    .filter((line) => line.trim() !== "")
    .map((line) => `\n  ${line}`)
    .join("");
}

function beforeError(text: string): string {
  return stripVTControlCharacters(text).split(/^SyntaxError/m)[0] ?? "";
}

function checkSyntax(path: string): Promise<string> {
  return new Promise((resolve) => {
    execFile(process.execPath, ["--check", path], { timeout: 10_000 }, (_error, _stdout, stderr) =>
      resolve(beforeError(stderr)),
    );
  });
}

/** `holdpoint.config.ts:12:7`, from the first line of the stack that names the file. */
function placeOf(error: Error, path: string): string | undefined {
  const stack = stripVTControlCharacters(error.stack ?? "");
  const url = pathToFileURL(path).href;
  for (const line of stack.split("\n")) {
    for (const name of [url, path]) {
      const start = line.indexOf(name);
      const found = start === -1 ? null : /^:\d+(:\d+)?/.exec(line.slice(start + name.length));
      if (found !== null) return `${path}${found[0]}`;
    }
  }
  return undefined;
}
