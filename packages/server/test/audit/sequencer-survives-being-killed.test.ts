import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterEach, describe, expect, test } from "vitest";
import { checkLog } from "../../src/audit/check-log.ts";
import type { ExportedCheckpoint } from "../../src/audit/checkpoint-exports.ts";
import { SEQUENCER_POINTS } from "../../src/audit/sequencer-term.ts";
import { openDatabase, type Database } from "../../src/database/database.ts";
import { seedOrganisation } from "../../src/testing/organisation.ts";
import { silentLogger } from "../../src/testing/silent-logger.ts";
import { fillDataDir, openTestStore } from "../../src/testing/stores.ts";
import { countLog, exportLines, verifyLines } from "./audit-fixture.ts";
import type { SequencerProcessOptions } from "./sequencer-process.ts";
import { sequenceAll } from "./written-log.ts";

const PROGRAM = join(import.meta.dirname, "sequencer-process.ts");
const children = new Set<ChildProcess>();
afterEach(async () => {
  for (const child of children)
    if (child.exitCode === null && child.signalCode === null) child.kill("SIGKILL");
  children.clear();
});

class SequencerProcess {
  readonly child: ChildProcess;
  readonly #said = new Set<string>();
  #heard: () => void = () => undefined;

  constructor(options: SequencerProcessOptions) {
    const argv = ["--disable-warning=ExperimentalWarning", PROGRAM, JSON.stringify(options)];
    this.child = spawn(process.execPath, argv, { stdio: ["pipe", "pipe", "inherit"] });
    children.add(this.child);
    createInterface({ input: this.child.stdout! }).on("line", (line) => {
      this.#said.add(line);
      this.#heard();
    });
    this.child.once("exit", () => this.#heard());
  }

  get hasEnded(): boolean {
    return this.child.exitCode !== null || this.child.signalCode !== null;
  }

  hasSaid(word: string): boolean {
    return this.#said.has(word);
  }

  /** Rejects when it ends without having said it. */
  async hears(word: string): Promise<void> {
    while (!this.#said.has(word)) {
      if (this.hasEnded) throw new Error(`It ended before it said ${word}.`);
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#heard = resolve;
      await promise;
    }
  }

  /** Resolves to the signal that ended it, or its exit code. */
  async ended(): Promise<NodeJS.Signals | number | null> {
    if (!this.hasEnded) await once(this.child, "exit");
    return this.child.signalCode ?? this.child.exitCode;
  }

  async stop(): Promise<unknown> {
    this.child.stdin?.end();
    return this.ended();
  }
}

/** No gap, no fork, no event twice: the log is whole, and begins with every checkpoint that was ever handed out. */
async function expectWhole(database: Database, orgId: string, kept: readonly string[]): Promise<void> {
  const { events, leaves, signed } = await countLog(database, orgId);
  expect([leaves, signed]).toEqual([events, events]);
  expect(await checkLog(database, orgId)).toEqual({ entries: events, findings: [] });
  const checkpoints = kept.filter((note) => note.includes(orgId));
  const verified = await verifyLines(await exportLines(database, orgId), { checkpoints });
  expect(verified).toMatchObject({ entries: events, checkpointsElsewhere: checkpoints.length });
  expect(checkpoints.length).toBeGreaterThan(0);
}

function readKept(file: string): string[] {
  const lines = readFileSync(file, "utf8").trim().split("\n");
  return lines.map((line) => (JSON.parse(line) as ExportedCheckpoint).checkpoint);
}

/** Waits for the first of them that is elected, and so is the one that kills itself, and takes it out. */
async function expectKilled(standing: [string, SequencerProcess][]): Promise<void> {
  const ended = standing.map(async (entry) => ({ entry, how: await entry[1].ended() }));
  const { entry, how } = await Promise.race(ended);
  expect([entry[0], how]).toEqual([entry[0], "SIGKILL"]);
  standing.splice(standing.indexOf(entry), 1);
}

describe("killed at each of its steps, the sequencer goes on where it was", () => {
  test("on PostgreSQL", { timeout: 120_000 }, async () => {
    const store = await openTestStore("postgres");
    const folder = mkdtempSync(join(tmpdir(), "holdpoint-audit-"));
    try {
      const orgIds = [
        (await seedOrganisation(store.database)).orgId,
        (await seedOrganisation(store.database)).orgId,
      ];
      const checkpointFile = join(folder, "checkpoints.jsonl");
      const begin = (dieAt: string) =>
        new SequencerProcess({ url: store.url, orgIds, events: 200, dieAt, checkpointFile });
      // The next one stands by, and takes over.
      const standing: [string, SequencerProcess][] = [];
      for (const dieAt of SEQUENCER_POINTS) {
        standing.push([dieAt, begin(dieAt)]);
        if (standing.length === 2) await expectKilled(standing);
      }
      await expectKilled(standing);
      const last = new SequencerProcess({ url: store.url, orgIds, events: 50, checkpointFile });
      await last.hears("written");
      // Transactions of other tests on this server keep its horizon back for a while.
      for (const orgId of orgIds) {
        await expect
          .poll(
            async () => {
              const { events, leaves } = await countLog(store.database, orgId);
              return events - leaves;
            },
            { timeout: 30_000 },
          )
          .toBe(0);
      }
      expect(await last.stop()).toBe(0);
      for (const orgId of orgIds) await expectWhole(store.database, orgId, readKept(checkpointFile));
    } finally {
      await store.close();
      rmSync(folder, { recursive: true, force: true });
    }
  });

  test("on the embedded database", { timeout: 240_000 }, async () => {
    const folder = mkdtempSync(join(tmpdir(), "holdpoint-audit-"));
    const dataDir = join(folder, "data");
    const checkpointFile = join(folder, "checkpoints.jsonl");
    try {
      await fillDataDir(dataDir);
      const open = () => openDatabase({ dataDir, logger: silentLogger });
      let database = await open();
      const { orgId } = await seedOrganisation(database);
      await database.close();
      for (const dieAt of SEQUENCER_POINTS) {
        const process = new SequencerProcess({
          dataDir,
          orgIds: [orgId],
          events: 200,
          dieAt,
          checkpointFile,
        });
        expect([dieAt, await process.ended()]).toEqual([dieAt, "SIGKILL"]);
      }
      const last = new SequencerProcess({ dataDir, orgIds: [orgId], events: 50, checkpointFile });
      await last.hears("written");
      expect(await last.stop()).toBe(0);
      database = await open();
      await expectWhole(database, orgId, readKept(checkpointFile));
      await database.close();
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});

describe("of several processes one sequences", () => {
  test("the other waits, and takes over when it is killed", async () => {
    const store = await openTestStore("postgres");
    const folder = mkdtempSync(join(tmpdir(), "holdpoint-audit-"));
    try {
      const { orgId } = await seedOrganisation(store.database);
      const files = [join(folder, "a.jsonl"), join(folder, "b.jsonl")] as const;
      const options = { url: store.url, orgIds: [orgId], events: 500 };
      const both = files.map((checkpointFile) => new SequencerProcess({ ...options, checkpointFile }));
      await Promise.race(both.map((process) => process.hears("elected")));
      await Promise.all(both.map((process) => process.hears("written")));
      const working = both.filter((process) => process.hasSaid("elected"));
      expect(working).toHaveLength(1);
      const locks = await store.database.query(
        "select pid from pg_locks where locktype = 'advisory' and granted and database = (select oid from pg_database where datname = current_database())",
      );
      expect(locks).toHaveLength(1);
      working[0]!.child.kill("SIGKILL");
      const other = both.find((process) => process !== working[0])!;
      const killedAt = performance.now();
      await other.hears("elected");
      expect(performance.now() - killedAt).toBeLessThan(5_000);
      expect(await other.stop()).toBe(0);
      const kept = readKept(files[both.indexOf(other)]!);
      await expectWhole(store.database, orgId, kept);
    } finally {
      await store.close();
      rmSync(folder, { recursive: true, force: true });
    }
  });

  test("one that does not know that it is not elected any more can only fail: the keys refuse a second log", async () => {
    const store = await openTestStore("postgres");
    try {
      const { orgId } = await seedOrganisation(store.database);
      const event = (name: string) => [[orgId], [0], [name], [Buffer.alloc(32)], [Buffer.alloc(16)], null];
      await store.database.call("audit_append_v1", ...event("evt_a"));
      // The same place twice, a place beyond the next, an event twice.
      await expect(store.database.call("audit_append_v1", ...event("evt_b"))).rejects.toThrow(/audit_fork/);
      await expect(
        store.database.call(
          "audit_append_v1",
          [orgId],
          [2],
          ["evt_b"],
          [Buffer.alloc(32)],
          [Buffer.alloc(16)],
          null,
        ),
      ).rejects.toThrow(/audit_fork/);
      await expect(
        store.database.call(
          "audit_append_v1",
          [orgId],
          [1],
          ["evt_a"],
          [Buffer.alloc(32)],
          [Buffer.alloc(16)],
          null,
        ),
      ).rejects.toThrow(/audit_leaves_event_id_org_id_key/);
      // Both ask for the same place at the same time: one gets it.
      const racing = await Promise.allSettled(
        Array.from({ length: 8 }, (_, n) =>
          store.database.call(
            "audit_append_v1",
            [orgId],
            [1],
            [`evt_${n}`],
            [Buffer.alloc(32)],
            [Buffer.alloc(16)],
            null,
          ),
        ),
      );
      expect(racing.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    } finally {
      await store.close();
    }
  });
});

test("a log that does not fit its last checkpoint is not signed any more", async () => {
  const store = await openTestStore("postgres");
  try {
    const { orgId } = await seedOrganisation(store.database);
    const { insertEvents } = await import("./written-log.ts");
    await insertEvents(store.database, orgId, 10);
    await sequenceAll(store.database);
    await store.database.ownerSession((owner) =>
      owner.query("update holdpoint.audit_leaves set hash = sha256(hash) where index = 3"),
    );
    await insertEvents(store.database, orgId, 10);
    await sequenceAll(store.database);
    expect(await countLog(store.database, orgId)).toEqual({ events: 20, leaves: 20, signed: 10 });
  } finally {
    await store.close();
  }
});
