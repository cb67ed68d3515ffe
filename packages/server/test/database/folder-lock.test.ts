import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { afterEach, beforeEach, expect, test } from "vitest";
import { lockFolder, type FolderLock } from "../../src/database/embedded/folder-lock.ts";
import { ownIdentity } from "../../src/database/embedded/process-identity.ts";

let folder: string;
const locks: FolderLock[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "holdpoint-lock-"));
});
afterEach(() => {
  for (const lock of locks.splice(0)) lock.release();
  rmSync(folder, { recursive: true, force: true });
});

async function lock(watchMs?: number): Promise<FolderLock> {
  const held = await lockFolder(folder, watchMs);
  locks.push(held);
  return held;
}

function writeClaim(claim: object): void {
  writeFileSync(join(folder, "lock"), JSON.stringify({ ...ownIdentity(), nonce: "former", ...claim }));
}

async function deadPid(): Promise<number> {
  const process = spawn("true");
  await once(process, "exit");
  return process.pid!;
}

test("one holder at a time, and the folder is clean after release", async () => {
  const first = await lock();
  await expect(lock()).rejects.toMatchObject({ code: "data_dir_locked" });
  first.release();
  first.release();
  (await lock()).release();
  expect(readdirSync(folder)).toEqual([]);
});

test("a dead owner's lock is taken over", async () => {
  writeClaim({ pid: await deadPid() });
  await lock();
  expect(JSON.parse(readFileSync(join(folder, "lock"), "utf8"))).toMatchObject({ pid: process.pid });
  expect(readdirSync(folder)).toEqual(["lock"]);
});

test.runIf(process.platform === "linux")("a reused pid is not its former process", async () => {
  writeClaim({ startedAt: "1" });
  await lock();
});

// Under a parent that reaps slowly or not at all, as in a container without init, it keeps its pid and its start time.
test.runIf(process.platform === "linux")("a killed owner that nobody has reaped is dead", async () => {
  // The child ends when its parent is no shell any more, which would reap it.
  const parent = spawn("sh", ["-c", "sleep 0.2 & echo $!; exec sleep 30"], {
    stdio: ["ignore", "pipe", "ignore"],
  });
  const [line] = (await once(parent.stdout, "data")) as [Buffer];
  const pid = Number(line.toString());
  const stat = (): string => readFileSync(`/proc/${pid}/stat`, "utf8");
  await expect.poll(stat).toMatch(/\) Z /);
  const startedAt = stat().split(") ").at(-1)!.split(" ")[19]!;
  writeClaim({ pid, startedAt });
  await lock();
  parent.kill("SIGKILL");
  await once(parent, "exit");
});

test("a lock half written by a machine that lost power is nobody's", async () => {
  writeFileSync(join(folder, "lock"), '{"pid": 1');
  await lock(50);
});

test("an owner in another container holds as long as it touches its claim", async () => {
  writeClaim({ place: "elsewhere 1 pid:[1]" });
  const toucher = setInterval(() => utimesSync(join(folder, "lock"), new Date(), new Date()), 20);
  await expect(lock(200)).rejects.toThrow(/process \d+ on elsewhere/);
  clearInterval(toucher);
  await delay(30);
  await lock(200);
});

test("of many that find a dead owner exactly one takes over, also when that one dies before it has finished", async () => {
  const pid = await deadPid();
  for (let round = 0; round < 30; round++) {
    writeClaim({ pid, nonce: `former-${round}` });
    if (round % 2 === 1) {
      const claim = { ...ownIdentity(), pid, nonce: `heir-${round}` };
      writeFileSync(join(folder, `lock.former-${round}`), JSON.stringify(claim));
    }
    const attempts = await Promise.allSettled(Array.from({ length: 8 }, () => lockFolder(folder)));
    const won = attempts.filter((attempt) => attempt.status === "fulfilled");
    expect(won).toHaveLength(1);
    won[0]!.value.release();
    expect(readdirSync(folder)).toEqual([]);
  }
});
