import { fdatasyncSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openEmbedded, type EmbeddedDatabase } from "../../src/database/embedded/embedded-database.ts";
import type { DiskOperations } from "../../src/database/embedded/durable-file-system.ts";
import { silentLogger as logger } from "../../src/testing/silent-logger.ts";
import { fillDataDir } from "../../src/testing/stores.ts";

let dataDir: string;
let database: EmbeddedDatabase | undefined;
beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), "holdpoint-durability-"));
});
afterEach(async () => {
  await database?.close();
  database = undefined;
  rmSync(dataDir, { recursive: true, force: true });
});

/** A disk that counts its syncs and can be full. */
class TestDisk implements DiskOperations {
  syncs = 0;
  /** Writes still possible. */
  roomFor = Number.POSITIVE_INFINITY;

  fdatasync(fd: number): void {
    this.syncs++;
    fdatasyncSync(fd);
  }

  beforeWrite(): void {
    if (this.roomFor-- <= 0) throw Object.assign(new Error("no space left on device"), { code: "ENOSPC" });
  }
}

async function open(disk: TestDisk): Promise<EmbeddedDatabase> {
  database = await openEmbedded({ dataDir, disk, logger });
  return database;
}

async function openWithTable(disk: TestDisk): Promise<EmbeddedDatabase> {
  await fillDataDir(dataDir);
  const opened = await open(disk);
  await opened.ownerSession(async (owner) => {
    await owner.query("create table public.notes (id int primary key, text text not null)");
    await owner.query("grant all on public.notes to hp_app");
  });
  return opened;
}

async function readIds(opened: EmbeddedDatabase): Promise<number[]> {
  const rows = await opened.query<{ id: number }>("select id from public.notes order by id");
  return rows.map(({ id }) => id);
}

test("every commit is one fdatasync before it is acknowledged, a read is none", async () => {
  const disk = new TestDisk();
  const opened = await openWithTable(disk);
  for (let id = 1; id <= 20; id++) {
    const before = disk.syncs;
    await opened.query("insert into public.notes values ($1, 'x')", [id]);
    expect(disk.syncs - before).toBe(1);
  }
  const before = disk.syncs;
  await opened.transaction(async (tx) => {
    for (let id = 21; id <= 30; id++) await tx.query("insert into public.notes values ($1, 'x')", [id]);
  });
  expect(disk.syncs - before).toBe(1);
  await readIds(opened);
  expect(disk.syncs - before).toBe(1);
});

test("a full disk fails the statement with the reason, and nothing acknowledged is lost when there is space again", async () => {
  const disk = new TestDisk();
  const opened = await openWithTable(disk);
  const acknowledged: number[] = [];
  for (let round = 0; round < 5; round++) {
    disk.roomFor = 3 * round;
    let failure: Error | undefined;
    for (let id = acknowledged.length + 1; failure === undefined; id++) {
      try {
        await opened.query("insert into public.notes values ($1, repeat('x', 4000))", [id]);
        acknowledged.push(id);
      } catch (error) {
        failure = error as Error;
      }
    }
    expect(failure).toMatchObject({ code: expect.stringMatching(/^(disk_full|53100)$/) as string });
    expect(failure.message).toMatch(/No space left|disk is full/);
    // Still full: each statement that writes says so again, and none hangs.
    disk.roomFor = 0;
    await expect(opened.query("insert into public.notes values (-1, 'x')")).rejects.toThrow(/No space|full/);
    disk.roomFor = Number.POSITIVE_INFINITY;
    const found = await readIds(opened);
    // The statement that failed may have reached the log just before: its outcome was never promised.
    expect(found.filter((id) => id > 0).slice(0, acknowledged.length)).toEqual(acknowledged);
    acknowledged.splice(0, acknowledged.length, ...found.filter((id) => id > 0));
  }
  await opened.close();
  expect((await readIds(await open(new TestDisk()))).filter((id) => id > 0)).toEqual(acknowledged);
});

test("a full disk in the middle of a transaction leaves nothing of it", async () => {
  const disk = new TestDisk();
  const opened = await openWithTable(disk);
  await opened.query("insert into public.notes values (1, 'kept')");
  const work = opened.transaction(async (tx) => {
    await tx.query("insert into public.notes values (2, 'lost')");
    disk.roomFor = 0;
    await tx.query("insert into public.notes select n, repeat('x', 1000) from generate_series(3, 20000) n");
  });
  await expect(work).rejects.toThrow(/No space|full/);
  disk.roomFor = Number.POSITIVE_INFINITY;
  expect(await readIds(opened)).toEqual([1]);
});

test("a database whose creation was interrupted is made anew, not opened half", async () => {
  const full = new TestDisk();
  full.roomFor = 500;
  await expect(open(full)).rejects.toMatchObject({ code: "disk_full" });
  expect(readdirSync(dataDir)).toContain("postgres.incomplete");
  const opened = await open(new TestDisk());
  expect(await opened.query("select 1 as one")).toEqual([{ one: 1 }]);
  expect(readdirSync(dataDir).toSorted()).toEqual(["lock", "postgres"]);
});

test("upkeep bounds the log of changes on disk", async () => {
  const opened = await openWithTable(new TestDisk());
  const segments = (): number => readdirSync(join(dataDir, "postgres", "pg_wal")).length;
  for (let round = 0; round < 9; round++) {
    await opened.query(
      "insert into public.notes select n, repeat('x', 1000) from generate_series(1, 20000) n",
    );
    await opened.query("delete from public.notes");
    await opened.maintain();
  }
  expect(segments()).toBeLessThanOrEqual(8); // 18 without
});
