import { createId } from "@holdpoint/protocol";
import pino from "pino";
import { expect, test } from "vitest";
import { createSweeper } from "../../src/holds/sweeper.ts";
import { seedOrganisation } from "../../src/testing/organisation.ts";
import { storeHold } from "../../src/testing/stored-hold.ts";
import { describeEachStore } from "../../src/testing/stores.ts";

const PAST = "2026-01-02T00:00:00Z";

describeEachStore("deadlines", (store) => {
  test("four sweepers at once end each overdue hold exactly once, with one event each (I5, I6)", async () => {
    const { database } = store();
    const org = await seedOrganisation(database);
    const ids: string[] = [];
    for (let index = 0; index < 30; index++) {
      ids.push(
        await storeHold(database, org.orgId, {
          kind: "approval",
          status: "pending",
          expires_at: PAST,
          on_timeout: index % 3 === 0 ? "hold" : "reject",
        }),
      );
    }
    const published: string[] = [];
    const wakeups = {
      publish: (topics: readonly string[]) => void published.push(...topics),
      subscribe: () => () => undefined,
      close: () => Promise.resolve(),
    };
    const sweepers = Array.from({ length: 4 }, () =>
      createSweeper({ database, wakeups, logger: pino({ level: "silent" }) }),
    );
    await Promise.all(sweepers.map((sweeper) => sweeper.sweep()));
    await Promise.all(sweepers.map((sweeper) => sweeper.sweep()));
    for (const [index, id] of ids.entries()) {
      const { hold } = (await database.call("get_hold_v1", org.adminHash, id)) as {
        hold: { status: string; expires_at: string | null; decided_at: string | null };
      };
      expect(hold.status).toBe(index % 3 === 0 ? "pending" : "expired");
      // The deadline is the time that counts, however late somebody looked.
      if (index % 3 === 0) expect(hold.expires_at).toBeNull();
      else expect(hold.decided_at).toBe(hold.expires_at);
      expect(published.filter((topic) => topic === `hold:${id}`)).toHaveLength(1);
      const events = (await database.call("read_events_v1", org.orgId, "0", "", null, id, 10)) as unknown[];
      expect(events).toHaveLength(1);
    }
  });

  test("a hold that somebody decides at that very moment is passed over, not fought for", async () => {
    if (store().kind === "embedded") return; // one connection: nothing is at the same moment there
    const { database } = store();
    const org = await seedOrganisation(database);
    const id = await storeHold(database, org.orgId, {
      kind: "approval",
      status: "pending",
      expires_at: PAST,
    });
    await database.ownerSession(async (owner) => {
      await owner.query("begin");
      await owner.query("set local role hp_definer");
      await owner.query("select from holdpoint.holds where id = $1 for update", [id]);
      expect(await sweepOutside(id)).toBe("pending");
      await owner.query("rollback");
    });
    await database.call("expire_due_v1", [createId("evt")]);
    expect(await statusOf(id)).toBe("expired");

    async function statusOf(holdId: string): Promise<string> {
      const { hold } = (await database.call("get_hold_v1", org.adminHash, holdId)) as {
        hold: { status: string };
      };
      return hold.status;
    }
    function sweepOutside(holdId: string): Promise<string> {
      const { promise, resolve, reject } = Promise.withResolvers<string>();
      outside.push(
        () =>
          void database
            .call("expire_due_v1", [createId("evt")])
            .then(() => statusOf(holdId))
            .then(resolve, reject),
      );
      return promise;
    }
  });
});

// Runs work as another request would: outside the session that the test has open.
const outside: (() => void)[] = [];
setInterval(() => outside.splice(0).forEach((work) => work()), 1).unref();
