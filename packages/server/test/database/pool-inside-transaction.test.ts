import { setImmediate as nextTurn } from "node:timers/promises";
import { expect, test } from "vitest";
import { describeEachStore } from "../../src/testing/stores.ts";

describeEachStore("the pool refuses code that holds a transaction, instead of hanging", (store) => {
  test("every way to the pool is refused at once, and the transaction goes on", async () => {
    const { database } = store();
    const ways: Record<string, () => Promise<unknown>> = {
      query: () => database.query("select 1"),
      call: () => database.call("get_hold_v1", "x", "y"),
      pool: () => database.pool.query("select 1"),
      connect: () => database.pool.connect(),
      kysely: () => database.kysely.selectFrom("migrations").selectAll().execute(),
      nested: () => database.transaction(async () => 1),
    };
    const outcomes = await database.transaction(async (tx) => {
      const codes: Record<string, unknown> = {};
      for (const [name, way] of Object.entries(ways)) {
        codes[name] = await way().catch((error: { code: unknown }) => error.code);
      }
      return { ...codes, tx: await tx.query("select 1 as one") };
    });
    expect(outcomes).toEqual({
      ...Object.fromEntries(Object.keys(ways).map((name) => [name, "pool_inside_transaction"])),
      tx: [{ one: 1 }],
    });
  });

  test("also from a promise chain, and in an owner session", async () => {
    const { database } = store();
    const refused = { code: "pool_inside_transaction" };
    await database.transaction(async () => {
      await expect(nextTurn().then(() => database.query("select 1"))).rejects.toMatchObject(refused);
    });
    await database.ownerSession(async () => {
      await expect(database.query("select 1")).rejects.toMatchObject(refused);
    });
  });

  test("code elsewhere may, and so may what the transaction left behind", async () => {
    const { database } = store();
    const { promise: afterwards, resolve: goOn } = Promise.withResolvers<void>();
    let left: Promise<unknown> | undefined;
    await database.transaction(async () => {
      left = afterwards.then(() => database.query("select 2 as two"));
    });
    goOn();
    expect(await left).toEqual([{ two: 2 }]);
  });
});

describeEachStore("a transaction commits as a whole or not at all", (store) => {
  async function withTable<T>(work: () => Promise<T>): Promise<T> {
    const { database } = store();
    await database.ownerSession((owner) =>
      owner.query(
        "create table if not exists public.notes (id int primary key); grant all on public.notes to hp_app; truncate public.notes",
      ),
    );
    return work();
  }
  const count = async (): Promise<unknown> =>
    (await store().database.query("select count(*) as n from public.notes"))[0];

  test("a rejection rolls back and runs nothing after the commit", async () => {
    await withTable(async () => {
      let ran = false;
      const work = store().database.transaction(async (tx) => {
        tx.afterCommit(() => (ran = true));
        await tx.query("insert into public.notes values (1)");
        throw new Error("no");
      });
      await expect(work).rejects.toThrow("no");
      expect(await count()).toEqual({ n: 0 });
      expect(ran).toBe(false);
    });
  });

  test("a statement that failed and was caught cannot pass as a commit", async () => {
    await withTable(async () => {
      const work = store().database.transaction(async (tx) => {
        await tx.query("insert into public.notes values (1)");
        await tx.query("insert into public.notes values (1)").catch(() => {});
      });
      await expect(work).rejects.toThrow(/rolled back/);
      expect(await count()).toEqual({ n: 0 });
    });
  });

  test("after the commit its work runs and sees it; kysely and call share the transaction", async () => {
    await withTable(async () => {
      const { promise: seen, resolve: see } = Promise.withResolvers<unknown>();
      await store().database.transaction(async (tx) => {
        tx.afterCommit(() => see(count()));
        await tx.query("insert into public.notes values (1)");
        const rows = await tx.kysely.selectFrom("migrations").select("number").execute();
        expect(rows.length).toBeGreaterThan(0);
        expect(await tx.call("get_hold_v1", "x", "y")).toEqual({ code: "unauthorized" });
      });
      expect(await seen).toEqual({ n: 1 });
    });
  });

  test("the pool keeps its connection when a statement fails", async () => {
    const { database } = store();
    const pid = async (): Promise<unknown> => (await database.query("select pg_backend_pid() as pid"))[0];
    const before = await pid();
    await expect(database.query("select 1/0")).rejects.toMatchObject({ code: "22012" });
    await expect(database.transaction((tx) => tx.query("select 1/0"))).rejects.toMatchObject({
      code: "22012",
    });
    expect(await pid()).toEqual(before);
    expect(database.pool.totalCount).toBe(1);
  });
});
