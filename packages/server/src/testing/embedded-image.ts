import { createHash } from "node:crypto";
import {
  accessSync,
  constants,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { openEmbedded } from "../database/embedded/embedded-database.ts";
import { migrate } from "../database/migrations.ts";
import { readSqlFiles } from "../database/sql-files.ts";
import { silentLogger } from "./silent-logger.ts";

const KEPT_IMAGES = 3;
const ABANDONED_DRAFT_MS = 15 * 60_000;
const DATABASE_SOURCES = ["migrations/", "functions/"].map(
  (folder) => new URL(`../database/${folder}`, import.meta.url),
);

/** A migrated embedded database to start others from. */
export interface EmbeddedImage {
  /** Its data folder as a tar archive, for databases in memory. */
  tarPath: string;
  /** Its `dataDir`, closed cleanly, to be copied. */
  folderPath: string;
}

/**
 * Makes the image, or finds the one of an earlier run: creating and migrating takes over two seconds, starting
 * from it a tenth of that. It is made again when the schema or PGlite changes.
 */
export async function makeEmbeddedImage(): Promise<EmbeddedImage> {
  const cache = cacheFolder();
  const folder = join(cache, `pglite-${await hashOfSources()}`);
  const image = { tarPath: join(folder, "image.tar"), folderPath: join(folder, "data") };
  if (existsSync(folder)) return image;
  const draft = mkdtempSync(join(cache, "draft-"));
  try {
    await fillDraft(draft);
    if (!existsSync(folder)) renameSync(draft, folder);
  } catch (error) {
    if (!existsSync(folder)) throw error; // else another run made the same at the same time
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
  removeOldImages(cache);
  return image;
}

async function fillDraft(draft: string): Promise<void> {
  const database = await openEmbedded({ dataDir: join(draft, "data"), logger: silentLogger });
  try {
    await database.ownerSession((owner) => migrate(owner));
    const tar = await database.dump();
    writeFileSync(join(draft, "image.tar"), new Uint8Array(await tar.arrayBuffer()));
  } finally {
    await database.close();
  }
}

async function hashOfSources(): Promise<string> {
  const files = (await Promise.all(DATABASE_SOURCES.map((folder) => readSqlFiles(folder)))).flat();
  const pglite = readFileSync(new URL("../package.json", import.meta.resolve("@electric-sql/pglite")));
  // Built packages have it as JavaScript.
  const ending = import.meta.url.endsWith(".ts") ? "ts" : "js";
  const engine = readFileSync(
    new URL(`../database/embedded/embedded-engine.${ending}`, import.meta.url),
    "utf8",
  );
  const hash = createHash("sha256").update(pglite).update(engine);
  for (const file of files) hash.update(`${file.name} ${file.sha256}\n`);
  return hash.digest("hex").slice(0, 16);
}

function cacheFolder(): string {
  // Here that is the folder of the workspace, in an app the one that this package is installed in.
  const [dependencies = tmpdir()] = fileURLToPath(import.meta.resolve("@electric-sql/pglite")).split(
    `${sep}@electric-sql${sep}`,
  );
  const besideDependencies = join(dependencies, ".cache", "holdpoint");
  for (const folder of [besideDependencies, join(tmpdir(), "holdpoint-cache")]) {
    try {
      mkdirSync(folder, { recursive: true });
      accessSync(folder, constants.W_OK);
      return folder;
    } catch {
      // read-only; the next one
    }
  }
  throw new Error("No folder for the cache of tests can be written.");
}

/** Keeps the newest images, and drafts that another run may be filling. */
function removeOldImages(cache: string): void {
  const entries = readdirSync(cache)
    .map((name) => ({ name, path: join(cache, name), changedAt: changedAt(join(cache, name)) }))
    .toSorted((a, b) => b.changedAt - a.changedAt);
  const oldImages = entries.filter(({ name }) => name.startsWith("pglite-")).slice(KEPT_IMAGES);
  const leftDrafts = entries.filter(
    ({ name, changedAt }) => name.startsWith("draft-") && changedAt < Date.now() - ABANDONED_DRAFT_MS,
  );
  for (const { path } of [...oldImages, ...leftDrafts]) rmSync(path, { recursive: true, force: true });
}

function changedAt(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}
