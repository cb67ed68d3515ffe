import { createId } from "@holdpoint/protocol";
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { createSweeper } from "../../src/holds/sweeper.ts";
import { silentLogger } from "../../src/testing/silent-logger.ts";
import { openTestStore, type OpenTestStore } from "../../src/testing/stores.ts";
import { outcomeOf, seedRoutes, type Routes } from "./route-fixture.ts";

/** Defect 35: clock skew between instances turned a deadline back on. The embedded database has one instance and its clock. */
describe("defect 35: an instance whose clock is wrong", () => {
  let routes: Routes;
  let open: OpenTestStore;
  const store = () => open;
  beforeAll(async () => {
    open = await openTestStore("postgres");
    routes = await seedRoutes(store().database);
  });
  afterAll(() => open.close());
  afterEach(async () => {
    vi.useRealTimers();
    await store().setClock(null);
  });
  const wakeups = {
    publish: () => undefined,
    subscribe: () => () => undefined,
    close: () => Promise.resolve(),
  };
  const skewBy = (days: number) => {
    vi.useFakeTimers({ toFake: ["Date"] });
    vi.setSystemTime(Date.now() + days * 86_400_000);
  };
  const kinds = {
    "a plain route": {},
    "a quorum": { quorum: { required: 2, refusals: 1 } },
    "a part that waits": {
      route: { anyOf: [{ role: "reviewer" as const }, { after: "1h", to: { role: "admin" as const } }] },
    },
  };

  test.each(Object.entries(kinds))(
    "decides nothing after the deadline, however far behind it is: %s",
    async (_, asked) => {
      const id = await routes.ask({ ...asked, timeoutSeconds: 60, respondSeconds: 60 });
      await store().advance(61_000);
      skewBy(-2);
      for (const name of ["rita", "mara"])
        expect(await outcomeOf(routes.decide(id, routes.person(name).keyHash))).toBe("expired");
      const sweeper = createSweeper({ database: store().database, wakeups, logger: silentLogger as never });
      await sweeper.sweep();
      await sweeper.takeSteps();
      // The one that is right, and the one that is ahead, see the same outcome for ever (I3).
      for (const days of [0, 2]) {
        vi.useRealTimers();
        if (days > 0) skewBy(days);
        expect((await routes.read(id)).status).toBe("expired");
        expect(await outcomeOf(routes.decide(id, routes.person("rita").keyHash))).toBe("expired");
      }
      expect(await routes.events(id)).toEqual(["hold.created", "hold.expired"]);
    },
  );

  test.each(Object.entries(kinds))(
    "ends nothing before it, however far ahead it is: %s",
    async (_, asked) => {
      skewBy(2);
      const id = await routes.ask({ ...asked, timeoutSeconds: 60, respondSeconds: 60 });
      const sweeper = createSweeper({ database: store().database, wakeups, logger: silentLogger as never });
      await sweeper.sweep();
      expect(await sweeper.takeSteps()).toBe(0);
      expect(await routes.read(id)).toMatchObject({ status: "pending" });
      expect(["pending", "approved"]).toContain(
        await outcomeOf(routes.decide(id, routes.person("rita").keyHash)),
      );
    },
  );

  test("asks nobody earlier, and makes no sign-in fresher or deputy longer", async () => {
    const rita = routes.person("rita");
    await store().database.call("create_delegation_v1", {
      credentialHash: routes.person("mara").keyHash,
      id: createId("dlg"),
      eventId: createId("evt"),
      to: rita.id,
      endsAt: new Date(Date.now() + 3_600_000).toISOString(),
    });
    skewBy(-2);
    await store().advance(3_700_000);
    const managers = await routes.ask({ route: { role: "manager" } });
    expect(await outcomeOf(routes.decide(managers, rita.keyHash))).toBe("not_allowed");
    const strong = await routes.ask({ strength: "L2", route: { user: rita.id } });
    expect(await outcomeOf(routes.decide(strong, rita.sessionHash))).toBe("not_strong_enough");
    skewBy(4);
    const later = await routes.ask({ route: { after: "1h", to: { user: rita.id } }, timeoutSeconds: 7_200 });
    expect(await outcomeOf(routes.decide(later, rita.keyHash))).toBe("not_allowed");
  });
});
