// The file that keeps an embedded folder shut, from before its rows leave it for another database. What was approved in it
// could otherwise be executed twice, once here and once there (I2).
import { closeSync, existsSync, fsyncSync, openSync, readFileSync, rmSync, writeSync } from "node:fs";
import { join } from "node:path";

const NAME = "moved";

interface Marker {
  state: "moving" | "moved";
  /** In words, without a password. */
  to: string;
  at: string;
}

export function writeMarker(dataDir: string, marker: Marker): void {
  const file = openSync(join(dataDir, NAME), "w", 0o600);
  try {
    writeSync(file, `${JSON.stringify(marker)}\n`);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

export function removeMarker(dataDir: string): void {
  rmSync(join(dataDir, NAME), { force: true });
}

/** Why the folder may not be opened, with what to do; undefined when it may. */
export function whyShut(dataDir: string): string | undefined {
  const path = join(dataDir, NAME);
  if (!existsSync(path)) return undefined;
  const { state, to, at } = readMarker(path);
  if (state === "moving") {
    return (
      `${dataDir} was being moved to ${to} when that was broken off (${at}). Run the same ` +
      "`holdpoint migrate --from` again: it finds out how far it came, and finishes it."
    );
  }
  return (
    `${dataDir} was moved to ${to} (${at}). Set DATABASE_URL to work with it there. What is in this folder is what it was then: ` +
    `to open it in spite of that, knowing that the same actions may be executed twice, remove ${path}.`
  );
}

function readMarker(path: string): Marker {
  try {
    return JSON.parse(readFileSync(path, "utf8")) as Marker;
  } catch {
    // Half written by a machine that lost power: nothing had been moved then.
    return { state: "moving", to: "another database", at: "at an unknown time" };
  }
}
