import { expect, test } from "vitest";
import { checkLog } from "../../src/audit/check-log.ts";
import { seedOrganisation } from "../../src/testing/organisation.ts";
import { describeEachStore } from "../../src/testing/stores.ts";
import { countLog, exportLines, verifyLines } from "./audit-fixture.ts";
import { insertEvents, sequenceAll, sequenceWhatCanBe } from "./written-log.ts";

describeEachStore("every event gets its place", (store) => {
  test("of many organisations, each in the order of its transactions", async () => {
    const { database } = store();
    const orgIds = await Promise.all(
      Array.from({ length: 5 }, async () => (await seedOrganisation(database)).orgId),
    );
    const written = new Map<string, string[]>(orgIds.map((orgId) => [orgId, []]));
    for (let round = 0; round < 4; round++) {
      for (const orgId of orgIds) {
        const ids = await insertEvents(database, orgId, 7);
        written.get(orgId)?.push(...ids.toSorted());
      }
    }
    await sequenceAll(database);
    for (const orgId of orgIds) {
      const lines = await exportLines(database, orgId);
      const order = lines.flatMap((line) => /"id":"(evt_\w+)"/.exec(line)?.[1] ?? []);
      expect(order).toEqual(written.get(orgId));
      expect(await verifyLines(lines)).toMatchObject({ entries: 28 });
    }
  });

  test("more than a batch, in one term and over terms", async () => {
    const { database } = store();
    const { orgId } = await seedOrganisation(database);
    await insertEvents(database, orgId, 2_300);
    await sequenceAll(database);
    await insertEvents(database, orgId, 1_000);
    await sequenceAll(database);
    await sequenceAll(database);
    expect(await countLog(database, orgId)).toEqual({ events: 3_300, leaves: 3_300, signed: 3_300 });
    expect(await checkLog(database, orgId)).toEqual({ entries: 3_300, findings: [] });
    expect(await verifyLines(await exportLines(database, orgId))).toMatchObject({
      entries: 3_300,
      checkpointsInFile: 1,
    });
  });

  test("an event that waits for more than a minute is found", async () => {
    const { database } = store();
    const { orgId } = await seedOrganisation(database);
    const [id] = await insertEvents(database, orgId, 1);
    expect((await checkLog(database, orgId)).findings).toEqual([]);
    await store().advance(61_000);
    expect((await checkLog(database, orgId)).findings).toMatchObject([
      { kind: "unplaced", message: expect.stringContaining(id ?? "") },
    ]);
    await sequenceAll(database);
    expect((await checkLog(database, orgId)).findings).toEqual([]);
  });

  test("one that was dated ahead, too: put in by somebody, or before a clock was put back", async () => {
    const { database } = store();
    const { orgId } = await seedOrganisation(database);
    const [id] = await insertEvents(database, orgId, 1);
    await database.ownerSession((owner) =>
      owner.query("update holdpoint.events set created_at = created_at + interval '1 hour' where id = $1", [
        id,
      ]),
    );
    expect((await checkLog(database, orgId)).findings).toMatchObject([{ kind: "unplaced" }]);
    await sequenceAll(database);
    expect((await checkLog(database, orgId)).findings).toEqual([]);
  });

  test("what can be no entry stops no other, of any organisation, and is found (S6, I7)", async () => {
    const { database } = store();
    const [bad, good] = await Promise.all([seedOrganisation(database), seedOrganisation(database)]);
    const [id] = await insertEvents(database, bad.orgId, 3);
    await database.ownerSession((owner) =>
      owner.query(`update holdpoint.events set data = '{"n":1e400}' where id = $1`, [id]),
    );
    await insertEvents(database, good.orgId, 3);
    await sequenceAll(database);
    expect(await countLog(database, good.orgId)).toEqual({ events: 3, leaves: 3, signed: 3 });
    expect(await countLog(database, bad.orgId)).toEqual({ events: 3, leaves: 2, signed: 2 });
    await store().advance(61_000);
    expect((await checkLog(database, good.orgId)).findings).toEqual([]);
    expect((await checkLog(database, bad.orgId)).findings).toMatchObject([
      { kind: "unplaced", message: expect.stringContaining(id ?? "") },
    ]);
    await database.ownerSession((owner) => owner.query("delete from holdpoint.events where id = $1", [id]));
  });

  test("also after a dump was restored into another server, whose transactions count anew", async () => {
    const { database } = store();
    const { orgId } = await seedOrganisation(database);
    await insertEvents(database, orgId, 10);
    await sequenceAll(database);
    await insertEvents(database, orgId, 5);
    // As if everything so far had come from a server that had counted far ahead of this one.
    await database.ownerSession(async (owner) => {
      await owner.query("update holdpoint.events set xid = (xid::text::bigint + 1000000000)::text::xid8");
      await owner.query(
        "update holdpoint.audit_checkpoints set horizon = (horizon::text::bigint + 1000000000)::text::xid8",
      );
    });
    await insertEvents(database, orgId, 5);
    await sequenceAll(database);
    expect(await countLog(database, orgId)).toEqual({ events: 20, leaves: 20, signed: 20 });
    await insertEvents(database, orgId, 5);
    await sequenceAll(database);
    expect(await countLog(database, orgId)).toEqual({ events: 25, leaves: 25, signed: 25 });
    expect(await checkLog(database, orgId)).toEqual({ entries: 25, findings: [] });
  });

  test("not before every transaction that could come before it has ended", async () => {
    if (store().kind === "embedded") return; // one connection: transactions cannot overlap there
    const { database, url } = store();
    const { orgId } = await seedOrganisation(database);
    const { openDatabase } = await import("../../src/database/database.ts");
    const { silentLogger } = await import("../../src/testing/silent-logger.ts");
    const other = await openDatabase({ url: url ?? "", logger: silentLogger });
    try {
      const started = Promise.withResolvers<void>();
      const mayEnd = Promise.withResolvers<void>();
      const slow = other.transaction(async (tx) => {
        await tx.query("select pg_current_xact_id()");
        started.resolve();
        await mayEnd.promise;
        await tx.query("select set_config('hp.org_id', $1, true)", [orgId]);
        await tx.query(
          "insert into holdpoint.events (org_id, id, type, created_at, actor_kind, data) values ($1, 'evt_late', 'run.step', now(), 'system', '{}')",
          [orgId],
        );
      });
      await started.promise;
      const ids = await insertEvents(database, orgId, 3);
      await sequenceWhatCanBe(database);
      expect((await countLog(database, orgId)).leaves).toBe(0);
      mayEnd.resolve();
      await slow;
      await sequenceAll(database);
      const lines = await exportLines(database, orgId);
      const order = lines.flatMap((line) => /"id":"(evt_\w+)"/.exec(line)?.[1] ?? []);
      expect(order).toEqual(["evt_late", ...ids.toSorted()]);
    } finally {
      await other.close();
    }
  });
});
