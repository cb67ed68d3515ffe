import { createHash, randomUUID } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { openEmbedded } from "../database/embedded/embedded-database.ts";
import { migrate } from "../database/migrations.ts";
import { readSqlFiles } from "../database/sql-files.ts";
import { silentLogger } from "./silent-logger.ts";

const KEPT_IMAGES = 3;
const DATABASE_SOURCES = ["migrations/", "functions/"].map(
  (folder) => new URL(`../database/${folder}`, import.meta.url),
);

/**
 * The path of a migrated data folder of PGlite, as a tar archive. Creating and migrating one takes over two
 * seconds, starting from one a tenth of that; so it is kept until the schema or PGlite changes.
 */
export async function makeEmbeddedImage(): Promise<string> {
  const folder = cacheFolder();
  const path = join(folder, `pglite-${await hashOfSources()}.tar`);
  if (statSync(path, { throwIfNoEntry: false })) return path;
  const database = await openEmbedded({ logger: silentLogger });
  await database.ownerSession((owner) => migrate(owner));
  const image = await database.dump();
  await database.close();
  const draft = `${path}.${randomUUID()}`;
  writeFileSync(draft, new Uint8Array(await image.arrayBuffer()));
  renameSync(draft, path); // another run may make the same at the same time
  removeOldImages(folder);
  return path;
}

async function hashOfSources(): Promise<string> {
  const files = (await Promise.all(DATABASE_SOURCES.map((folder) => readSqlFiles(folder)))).flat();
  const pglite = readFileSync(new URL("../package.json", import.meta.resolve("@electric-sql/pglite")));
  const engine = readFileSync(new URL("../database/embedded/embedded-engine.ts", import.meta.url), "utf8");
  const hash = createHash("sha256").update(pglite).update(engine);
  for (const file of files) hash.update(`${file.name} ${file.sha256}\n`);
  return hash.digest("hex").slice(0, 16);
}

function cacheFolder(): string {
  const besideDependencies = fileURLToPath(
    new URL("../../../../node_modules/.cache/holdpoint", import.meta.url),
  );
  for (const folder of [besideDependencies, join(tmpdir(), "holdpoint-cache")]) {
    try {
      mkdirSync(folder, { recursive: true });
      return folder;
    } catch {
      // read-only; the next one
    }
  }
  throw new Error("No folder for the cache of tests can be written.");
}

function removeOldImages(folder: string): void {
  const images = readdirSync(folder)
    .map((name) => ({
      path: join(folder, name),
      stat: statSync(join(folder, name), { throwIfNoEntry: false }),
    }))
    .toSorted((a, b) => (b.stat?.mtimeMs ?? 0) - (a.stat?.mtimeMs ?? 0));
  for (const { path } of images.slice(KEPT_IMAGES)) rmSync(path, { force: true });
}
