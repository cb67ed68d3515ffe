import { accessSync, constants, existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { open, readdir, rm } from "node:fs/promises";
import { join, resolve } from "node:path";
import { DatabaseOpenError, EmbeddedDatabaseDiedError } from "../database-error.ts";
import { whyShut } from "../move/moved-marker.ts";
import { lockFolder } from "./folder-lock.ts";

/** The folder of an embedded database, locked for this process. */
export interface DataFolder {
  readonly databaseFolder: string;
  readonly isNew: boolean;
  /** To be called once a new database has opened: makes its files durable and its creation final. */
  confirmCreation(): Promise<void>;
  /** What the failure to open the database in here means. */
  explain(error: unknown): unknown;
  release(): void;
}

/**
 * Makes and locks the folder. A database whose creation was interrupted (the marker file is still there) is
 * removed, so that the next one is created whole. Throws DatabaseOpenError, also for a folder whose rows have gone to
 * another database, unless it is opened by the move itself.
 */
export async function openDataFolder(dataDir: string, isMove = false): Promise<DataFolder> {
  const root = resolve(dataDir);
  const databaseFolder = join(root, "postgres");
  const marker = join(root, "postgres.incomplete");
  try {
    mkdirSync(root, { recursive: true });
    accessSync(root, constants.R_OK | constants.W_OK | constants.X_OK);
    const lock = await lockFolder(root);
    const reason = isMove ? undefined : whyShut(root);
    if (reason !== undefined) {
      lock.release();
      throw new DatabaseOpenError("data_dir_moved", reason);
    }
    if (existsSync(marker)) rmSync(databaseFolder, { recursive: true, force: true });
    const isNew = !existsSync(join(databaseFolder, "PG_VERSION"));
    if (isNew) writeFileSync(marker, "The database beside this file is being created.\n");
    return {
      databaseFolder,
      isNew,
      confirmCreation: async () => {
        await syncTree(databaseFolder);
        await syncEntry(root);
        await rm(marker, { force: true });
        await syncEntry(root);
      },
      explain: (error) => explain(root, error),
      release: () => lock.release(),
    };
  } catch (error) {
    throw explain(root, error);
  }
}

/** PGlite copies a new database in without fsync. The threads of Node share the commits of the file system. */
async function syncTree(folder: string): Promise<void> {
  const entries = await readdir(folder, { withFileTypes: true, recursive: true });
  const paths = entries
    .filter((entry) => entry.isFile() || entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name));
  await Promise.all([...paths, folder].map(syncEntry));
}

async function syncEntry(path: string): Promise<void> {
  try {
    await using file = await open(path, "r");
    await file.sync();
  } catch (error) {
    // Windows opens no folders, and syncs nothing that was opened for reading.
    if (process.platform !== "win32") throw error;
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
