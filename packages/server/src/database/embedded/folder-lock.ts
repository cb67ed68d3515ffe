// The lock of the embedded folder: one process may open it.
//
// Owns: `lock` in the data folder and the files `lock.<nonce>` beside it while a dead owner's is taken over.
// L1  A claim is made by link(2), which fails when the name exists: of racing processes one gets it.
// L2  A dead owner's claim is succeeded by linking `lock.<its nonce>`, and only while `lock` still carries that
//     nonce; then our claim is renamed over `lock`. Nonces are never used again, so a slow process that
//     judged by an old reading finds another nonce in `lock` and starts over.
// L3  The owner touches its claim; an owner in another container, whose pid says nothing here, is dead when its
//     claim stays untouched while we watch.
import { randomUUID } from "node:crypto";
import { linkSync, readFileSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { DatabaseOpenError } from "../database-error.ts";
import { isAlive, ownIdentity, type ProcessIdentity } from "./process-identity.ts";

const TOUCH_EVERY_MS = 2_000;
const WATCH_FOREIGN_OWNER_MS = 10_000;

interface Claim extends ProcessIdentity {
  readonly nonce: string;
}

export interface FolderLock {
  /** Gives the folder free. Repeating it does nothing. */
  release(): void;
}

/**
 * Locks `folder` for this process; throws DatabaseOpenError `data_dir_locked` while another live process has
 * it. A lock left by a dead process is taken over.
 */
export async function lockFolder(
  folder: string,
  watchForeignOwnerMs = WATCH_FOREIGN_OWNER_MS,
): Promise<FolderLock> {
  const path = join(folder, "lock");
  const claim: Claim = { ...ownIdentity(), nonce: randomUUID() };
  const draft = `${path}.${claim.nonce}.draft`;
  writeFileSync(draft, `${JSON.stringify(claim)}\n`);
  try {
    while (!(await tryLock(path, draft, folder, watchForeignOwnerMs)));
  } finally {
    rmSync(draft, { force: true });
  }
  return keepLock(path, claim);
}

/** True when `draft` has become the lock, false to look again. */
async function tryLock(path: string, draft: string, folder: string, watchMs: number): Promise<boolean> {
  if (tryLink(draft, path)) return true;
  const dead: { path: string; claim: Claim }[] = [];
  for (let next = path; ;) {
    const claim = readClaim(next);
    if (!claim) return false; // released meanwhile
    if (await isHeld(next, claim, watchMs)) throw locked(folder, claim);
    dead.push({ path: next, claim });
    next = `${path}.${claim.nonce}`;
    if (tryLink(draft, next)) return succeed(path, draft, next, dead);
  }
}

/** L2. */
function succeed(path: string, draft: string, own: string, dead: { path: string; claim: Claim }[]): boolean {
  const isChainIntact = dead.every((former) => readClaim(former.path)?.nonce === former.claim.nonce);
  if (isChainIntact) renameSync(draft, path);
  rmSync(own, { force: true });
  if (isChainIntact) for (const former of dead.slice(1)) rmSync(former.path, { force: true });
  return isChainIntact;
}

function tryLink(from: string, to: string): boolean {
  try {
    linkSync(from, to);
    return true;
  } catch (error) {
    if (codeOf(error) === "EEXIST") return false;
    if (!["EPERM", "ENOTSUP", "EOPNOTSUPP", "ENOSYS"].includes(codeOf(error) ?? "")) throw error;
  }
  // A file system without hard links: exclusive creation, whose content follows a moment later.
  try {
    writeFileSync(to, readFileSync(from), { flag: "wx" });
    return true;
  } catch (error) {
    if (codeOf(error) === "EEXIST") return false;
    throw error;
  }
}

function readClaim(path: string): Claim | undefined {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    if (codeOf(error) === "ENOENT") return undefined;
    throw error;
  }
  try {
    return JSON.parse(text) as Claim;
  } catch {
    // Half written by a machine that lost power: nobody's.
    return { pid: 0, place: "nowhere", startedAt: undefined, nonce: "damaged" };
  }
}

async function isHeld(path: string, claim: Claim, watchMs: number): Promise<boolean> {
  const alive = isAlive(claim);
  if (alive !== undefined) return alive;
  const before = statSync(path, { throwIfNoEntry: false })?.mtimeMs; // L3
  await delay(watchMs);
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs !== before;
}

function locked(folder: string, owner: Claim): DatabaseOpenError {
  const who =
    owner.pid === process.pid && isAlive(owner)
      ? `this process (pid ${owner.pid})`
      : `process ${owner.pid} on ${owner.place.split(" ")[0]}`;
  return new DatabaseOpenError(
    "data_dir_locked",
    `${folder} is in use by ${who}, and one process at a time may open an embedded database. Stop that process, choose another folder, or set DATABASE_URL to use a PostgreSQL server, which many processes may share.`,
  );
}

function keepLock(path: string, claim: Claim): FolderLock {
  const toucher = setInterval(() => {
    const now = new Date();
    try {
      utimesSync(path, now, now);
    } catch {
      // The folder was removed under us; the database will say so better.
    }
  }, TOUCH_EVERY_MS);
  toucher.unref();
  return {
    release: () => {
      clearInterval(toucher);
      if (readClaim(path)?.nonce === claim.nonce) rmSync(path, { force: true });
    },
  };
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && "code" in error ? String(error.code) : undefined;
}
