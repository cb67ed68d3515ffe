// Installs what is missing. Plain JavaScript for Node 20 with nothing installed.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, sep } from "node:path";
import { fileURLToPath } from "node:url";

/** The root of the repository, absolute. */
export const root = dirname(dirname(fileURLToPath(import.meta.url)));

const modules = join(root, "node_modules");
const lockFile = join(root, "package-lock.json");
const stampFile = join(modules, ".holdpoint-lock");

/**
 * Makes node_modules what package-lock.json says, development and optional dependencies included, whatever
 * NODE_ENV and the user's npm settings leave out. Does nothing when it already is. Install scripts are never
 * run: no dependency needs one. Talks on stderr only. Throws an error with a message for the user.
 */
export function ensureInstalled() {
  const fingerprint = lockFingerprint();
  if (existsSync(stampFile) && readFileSync(stampFile, "utf8").trim() === fingerprint) return;
  if (!matchesLock()) install();
  writeFileSync(stampFile, `${fingerprint}\n`);
}

function install() {
  say(
    existsSync(modules)
      ? "Dependencies have changed; installing."
      : "Installing dependencies. This happens once.",
  );
  // On Windows npm ci cannot remove the node.exe that is running this script.
  const runsFromModules = process.execPath.startsWith(modules + sep);
  const canReplace = !(process.platform === "win32" && runsFromModules);
  if (canReplace && npm("ci") === 0) return;
  if (canReplace) say("npm ci failed; trying npm install, which repairs what it can.");
  const status = npm("install", "--no-save");
  if (status === 0) return;
  throw new Error(
    `npm could not install the dependencies (exit code ${status}). Its messages are above; ` +
      "with the network or the registry mended, run the same command again.",
  );
}

function npm(command, ...options) {
  const settings = [
    "--include=dev",
    "--include=optional",
    "--ignore-scripts",
    "--no-audit",
    "--no-fund",
    "--loglevel=error",
  ];
  const args = [command, ...options, ...settings];
  // npm tells its scripts which npm and which Node they came from; the ones on the path may be others.
  const path = process.env.npm_execpath ?? "";
  const isNpm = /npm-cli\.c?js$/.test(path) && existsSync(path);
  const [executable, prefix] = isNpm
    ? [process.env.npm_node_execpath ?? process.execPath, [path]]
    : ["npm", []];
  const result = spawnSync(executable, [...prefix, ...args], {
    cwd: root,
    // stdout belongs to what is started afterwards.
    stdio: ["ignore", 2, 2],
    shell: !isNpm && process.platform === "win32",
  });
  if (result.error !== undefined) throw new Error(`npm could not be started: ${result.error.message}`);
  return result.status ?? 1;
}

// The platform belongs to it: a folder shared with a container or copied from another machine is not ours.
function lockFingerprint() {
  const hash = createHash("sha256").update(readFileSync(lockFile)).digest("hex");
  return `${hash} ${process.platform}-${process.arch}`;
}

// For somebody who ran npm install himself: npm's own record of what it put there, held against the lock.
function matchesLock() {
  const record = join(modules, ".package-lock.json");
  if (!existsSync(record)) return false;
  const wanted = JSON.parse(readFileSync(lockFile, "utf8")).packages;
  const present = JSON.parse(readFileSync(record, "utf8")).packages;
  return Object.entries(wanted).every(([path, entry]) => {
    if (!path.includes("node_modules/") || isForeign(entry)) return true;
    // npm keeps no record of links: a package that is new in the workspace has none yet.
    if (entry.link) return existsSync(join(root, path));
    const found = present[path];
    return found === undefined
      ? entry.optional === true && entry.os === undefined
      : found.version === entry.version;
  });
}

function isForeign({ os, cpu, libc }) {
  const excludes = (list, value) => list !== undefined && !list.includes(value);
  return (
    excludes(os, process.platform) ||
    excludes(cpu, process.arch) ||
    (libc !== undefined && !libc.includes("glibc"))
  );
}

function say(message) {
  process.stderr.write(`holdpoint: ${message}\n`);
}
