// Builds the console (apps/inbox) into static files when its sources are not those of the last build.
// Run by itself (npm run build:console) it says what it did; npm start calls it before the service starts.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { join, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { root } from "./installation.mjs";
import { nodeEnvironment, prepare } from "./launch.mjs";

const app = join(root, "apps", "inbox");
const built = join(app, "dist");
const lock = join(app, ".building");
const SOURCES = [
  "apps/inbox/src",
  "apps/inbox/index.html",
  "apps/inbox/questions.html",
  "apps/inbox/vite.config.ts",
  "packages/client/src",
  "packages/protocol/src",
  "packages/react/src",
  "package-lock.json",
];
/** A lock older than this was left by a build that was killed. */
const STALE_LOCK_MS = 120_000;

/**
 * Makes `apps/inbox/dist` the build of the sources as they are. Costs a few milliseconds when it already is. Of
 * several processes one builds and the others wait. Returns what happened; throws an error with Vite's messages.
 */
export function ensureConsoleBuilt(node) {
  const wanted = hashSources();
  if (readStamp() === wanted) return "current";
  while (!takeLock()) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 100);
  try {
    if (readStamp() === wanted) return "current";
    build(node, wanted);
    return "built";
  } finally {
    rmSync(lock, { recursive: true, force: true });
  }
}

function build(node, fingerprint) {
  const fresh = `${built}.new`;
  rmSync(fresh, { recursive: true, force: true });
  const vite = join(root, "node_modules", "vite", "bin", "vite.js");
  const result = spawnSync(node, [vite, "build", "--outDir", fresh, "--logLevel", "warn"], {
    cwd: app,
    env: nodeEnvironment(node, { NODE_ENV: "production" }),
    encoding: "utf8",
  });
  if (result.status !== 0) {
    throw new Error(
      `the console could not be built.\n${result.stdout ?? ""}${result.stderr ?? result.error ?? ""}`,
    );
  }
  writeFileSync(join(fresh, ".sources"), fingerprint);
  // A service that is starting finds the old build or the new one, never half of one.
  rmSync(built, { recursive: true, force: true });
  renameSync(fresh, built);
}

function takeLock() {
  try {
    mkdirSync(lock);
    return true;
  } catch (error) {
    if (error.code !== "EEXIST") throw error;
    const since = statSync(lock, { throwIfNoEntry: false })?.mtimeMs ?? Date.now();
    if (Date.now() - since > STALE_LOCK_MS) rmSync(lock, { recursive: true, force: true });
    return false;
  }
}

function readStamp() {
  const stamp = join(built, ".sources");
  return existsSync(stamp) ? readFileSync(stamp, "utf8") : undefined;
}

function hashSources() {
  const hash = createHash("sha256");
  for (const file of SOURCES.flatMap((source) => listFiles(join(root, source)))) {
    hash
      .update(`${relative(root, file).split(sep).join("/")}\n`)
      .update(readFileSync(file))
      .update("\0");
  }
  return hash.digest("hex");
}

function listFiles(path) {
  if (!statSync(path).isDirectory()) return [path];
  return readdirSync(path, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && !entry.name.endsWith(".test.ts"))
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name))
    .sort();
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const node = prepare();
  if (node !== undefined) {
    try {
      const outcome = ensureConsoleBuilt(node);
      process.stderr.write(outcome === "built" ? "The console is built.\n" : "The console is up to date.\n");
    } catch (error) {
      process.stderr.write(`holdpoint: ${error.message}\n`);
      process.exitCode = 1;
    }
  }
}
