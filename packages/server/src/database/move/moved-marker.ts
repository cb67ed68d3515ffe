// The file that keeps an embedded folder shut, from before its rows leave it for another database. What was approved in it
// could otherwise be executed twice, once here and once there (I2).
import {
  closeSync,
  existsSync,
  fsyncSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";

const NAME = "moved";

interface Marker {
  state: "moving" | "moved";
  /** In words, without a password. */
  to: string;
  at: string;
}

export function writeMarker(dataDir: string, marker: Marker): void {
  const path = join(dataDir, NAME);
  // Whole or not at all: what it says of an earlier move is not lost with the power.
  const file = openSync(`${path}.new`, "w", 0o600);
  try {
    writeSync(file, `${JSON.stringify(marker)}\n`);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  renameSync(`${path}.new`, path);
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

/** Why the folder may not be moved to that address, in which its rows are not; undefined when it may. */
export function whyNotMovedTo(dataDir: string, to: string): string | undefined {
  const path = join(dataDir, NAME);
  if (!existsSync(path)) return undefined;
  const before = readMarker(path);
  if (before.state === "moving" && before.to === to) return undefined;
  const what = before.state === "moving" ? "was being moved to" : "was moved to";
  const where = before.to === to ? "and nothing of it is there now" : `which is not ${to}`;
  return (
    `${dataDir} ${what} ${before.to} (${before.at}), ${where}. Moved to a second database, the same actions could be executed twice. ` +
    `Set DATABASE_URL to the first. If its rows are in no other database, remove ${path} and run this again.`
  );
}

function readMarker(path: string): Marker {
  try {
    return JSON.parse(readFileSync(path, "utf8")) as Marker;
  } catch {
    // Nobody of ours writes half of it: what it said is not known.
    return { state: "moving", to: "another database", at: "at an unknown time" };
  }
}
