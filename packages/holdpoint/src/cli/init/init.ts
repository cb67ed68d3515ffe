import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { findConfigFile } from "../../settings.ts";
import { VERSION } from "../../version.ts";
import type { Context } from "../context.ts";
import { CommandError, EXIT } from "../exit-code.ts";
import { PROGRAM } from "../holds/hints.ts";
import { FIRST_CONFIG } from "./first-config.ts";

interface PackageFile {
  type?: string;
  dependencies?: Record<string, string>;
  devDependencies?: Record<string, string>;
}

/** What was done, and what to do next. */
export interface InitReport {
  written: string[];
  /** Names of files that were there already, and are as they were. */
  kept: string[];
  /** What the user has to add to a file of theirs. */
  notes: string[];
  /** Commands, in their order. */
  next: string[];
}

/**
 * Writes what is missing of a config file with a first agent, a package.json and a .gitignore. Whatever is there already
 * stays byte for byte: files are made, never opened for writing.
 */
export function init(context: Context, options: { json?: boolean }): void {
  const { console, world } = context;
  const report = writeFirstFiles(world.cwd);
  if (options.json === true) {
    console.json(report);
    return;
  }
  for (const name of report.written) console.data(`wrote ${name}`);
  for (const name of report.kept) console.say(`${name} is there already; it stays as it is.`);
  for (const note of report.notes) console.say(note);
  console.say();
  console.say("Next:");
  for (const command of report.next) console.say(`  ${console.style.bold(command)}`);
}

function writeFirstFiles(folder: string): InitReport {
  const report: InitReport = { written: [], kept: [], notes: [], next: [] };
  const own = readPackageFile(folder);
  const config = findConfigFile(folder);
  if (config === undefined) {
    // Where package.json says so, Node reads a .ts file as CommonJS, which a config is not.
    create(
      folder,
      own?.type === "commonjs" ? "holdpoint.config.mts" : "holdpoint.config.ts",
      FIRST_CONFIG,
      report,
    );
  } else {
    report.kept.push(config);
  }
  if (create(folder, "package.json", packageFile(), report)) report.next.push("npm install");
  else addMissingDependencies(own, report);
  const isIgnored =
    create(folder, ".gitignore", ".holdpoint/\nnode_modules/\n", report) || ignoresData(folder);
  if (!isIgnored) {
    report.notes.push("Add .holdpoint/ to .gitignore: the database, its keys and its secret lie there.");
  }
  report.next.push(`${PROGRAM} start`);
  return report;
}

/** True if it was written; false if there was one. Never follows or replaces what is there, links included. */
function create(folder: string, name: string, text: string, report: InitReport): boolean {
  const path = join(folder, name);
  try {
    writeFileSync(path, text, { flag: "wx" });
    report.written.push(name);
    return true;
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code !== "EEXIST")
      throw new CommandError(`Cannot write ${path}: ${message}`, EXIT.other, { cause: error });
    report.kept.push(name);
    return false;
  }
}

function addMissingDependencies(own: PackageFile | undefined, report: InitReport): void {
  const known = { ...own?.dependencies, ...own?.devDependencies };
  const missing = ["holdpoint", "zod"].filter((name) => known[name] === undefined);
  if (missing.length > 0) report.next.push(`npm install ${missing.join(" ")}`);
}

function packageFile(): string {
  const content = {
    private: true,
    type: "module",
    scripts: { start: "holdpoint start" },
    dependencies: { holdpoint: `^${VERSION}`, zod: "^4.6.7" },
  };
  return `${JSON.stringify(content, null, 2)}\n`;
}

function readPackageFile(folder: string): PackageFile | undefined {
  const path = join(folder, "package.json");
  if (!existsSync(path)) return undefined;
  try {
    return JSON.parse(readFileSync(path, "utf8")) as PackageFile;
  } catch {
    return {};
  }
}

function ignoresData(folder: string): boolean {
  const lines = readFileSync(join(folder, ".gitignore"), "utf8").split("\n");
  return lines.some((line) => /^\/?\.holdpoint\/?$/.test(line.trim()));
}
