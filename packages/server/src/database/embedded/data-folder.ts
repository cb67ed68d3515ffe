import {
  accessSync,
  closeSync,
  constants,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join, resolve } from "node:path";
import { DatabaseOpenError, EmbeddedDatabaseDiedError } from "../database-error.ts";
import { lockFolder } from "./folder-lock.ts";

/** The folder of an embedded database, locked for this process. */
export interface DataFolder {
  readonly databaseFolder: string;
  /** To be called once a new database has opened: makes its files durable and its creation final. */
  confirmCreation(): void;
  /** What the failure to open the database in here means. */
  explain(error: unknown): unknown;
  release(): void;
}

/**
 * Makes and locks the folder. A database whose creation was interrupted (the marker file is still there) is
 * removed, so that the next one is created whole. Throws DatabaseOpenError.
 */
export async function openDataFolder(dataDir: string): Promise<DataFolder> {
  const root = resolve(dataDir);
  const databaseFolder = join(root, "postgres");
  const marker = join(root, "postgres.incomplete");
  try {
    mkdirSync(root, { recursive: true });
    accessSync(root, constants.R_OK | constants.W_OK | constants.X_OK);
    const lock = await lockFolder(root);
    if (existsSync(marker)) rmSync(databaseFolder, { recursive: true, force: true });
    const isNew = !existsSync(join(databaseFolder, "PG_VERSION"));
    if (isNew) writeFileSync(marker, "The database beside this file is being created.\n");
    return {
      databaseFolder,
      confirmCreation: () => {
        if (!isNew) return;
        syncTree(root);
        rmSync(marker, { force: true });
        syncEntry(root);
      },
      explain: (error) => explain(root, error),
      release: () => lock.release(),
    };
  } catch (error) {
    throw explain(root, error);
  }
}

/** PGlite copies a new database in without fsync. */
function syncTree(folder: string): void {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) syncTree(path);
    else if (entry.isFile()) syncEntry(path);
  }
  syncEntry(folder);
}

function syncEntry(path: string): void {
  // Windows opens no folders and needs no sync of them.
  let fd: number;
  try {
    fd = openSync(path, "r");
  } catch (error) {
    if (process.platform === "win32") return;
    throw error;
  }
  try {
    fsyncSync(fd);
  } catch (error) {
    if (process.platform !== "win32") throw error;
  } finally {
    closeSync(fd);
  }
}

function explain(root: string, error: unknown): unknown {
  if (error instanceof DatabaseOpenError) return error;
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  const reason = error instanceof Error ? error.message : String(error);
  if (code === "ENOSPC" || code === "EDQUOT" || code === "disk_full") {
    return new DatabaseOpenError(
      "disk_full",
      `No space left for the embedded database in ${root} (${reason}). Free some space, or choose another folder.`,
      error,
    );
  }
  if (error instanceof EmbeddedDatabaseDiedError) {
    return new DatabaseOpenError(
      "data_dir_unusable",
      `The embedded database in ${root} does not open. ${reason}`,
      error,
    );
  }
  const cause = ["ENOTDIR", "EEXIST"].includes(code) ? "a file is in its way" : reason;
  return new DatabaseOpenError(
    "data_dir_unusable",
    `Cannot use ${root} as the data folder: ${cause}. Choose another folder, or make this one a folder that this user may read and write.`,
    error,
  );
}
