import { chmod, mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { readFileSync, rmSync } from "node:fs";
import { join, resolve } from "node:path";
import type { Environment } from "./world.ts";

/** What a running `holdpoint start` leaves for the command line, in its data folder. */
export interface LocalServer {
  url: string;
  /** The operator key of the first admin. */
  key: string;
  pid: number;
}

export function dataFolder(env: Environment, cwd: string): string {
  return resolve(cwd, env["HOLDPOINT_DATA_DIR"] || ".holdpoint");
}

function localPath(folder: string): string {
  return join(folder, "local.json");
}

/** Writes `local.json`, readable by its owner only. Whoever reads it sees the old or the new one, never half. */
export async function writeLocalServer(folder: string, server: LocalServer): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const temporary = `${localPath(folder)}.${process.pid}`;
  await rm(temporary, { force: true }); // an old one may have another mode
  await writeFile(temporary, `${JSON.stringify(server, null, 2)}\n`, { mode: 0o600, flag: "wx" });
  await chmod(temporary, 0o600);
  await rename(temporary, localPath(folder));
}

/** Takes `local.json` away, unless another server has written its own meanwhile. */
export function removeLocalServer(folder: string, pid: number): void {
  try {
    const server = JSON.parse(readFileSync(localPath(folder), "utf8")) as LocalServer;
    if (server.pid === pid) rmSync(localPath(folder), { force: true });
  } catch {
    // Already gone, or not ours: either way nothing of ours is left.
  }
}

/** The server of that folder; undefined where none was started, or where the file is none of ours. */
export async function readLocalServer(folder: string): Promise<LocalServer | undefined> {
  try {
    const server = JSON.parse(await readFile(localPath(folder), "utf8")) as Partial<LocalServer> | null;
    if (typeof server?.url !== "string" || typeof server.key !== "string" || typeof server.pid !== "number") {
      return undefined;
    }
    return { url: server.url, key: server.key, pid: server.pid };
  } catch {
    return undefined;
  }
}

/** True while that process lives (or when it is another user's, which cannot be told). */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
