import { addSeconds, nextStepOf } from "@holdpoint/core";
import { createId } from "@holdpoint/protocol";
import { beforeEach, expect, test } from "vitest";
import { createSweeper } from "../../src/holds/sweeper.ts";
import { renderInstant } from "../../src/database/instant.ts";
import { silentLogger } from "../../src/testing/silent-logger.ts";
import { describeEachStore } from "../../src/testing/stores.ts";
import { outcomeOf, seedRoutes, type Routes } from "./route-fixture.ts";

const START = "2026-08-03T08:00:00Z";

describeEachStore("the ladder", (store) => {
  let routes: Routes;
  beforeEach(async () => {
    await store().setClock(START);
    routes = await seedRoutes(store().database);
  });
  const wakeups = {
    publish: () => undefined,
    subscribe: () => () => undefined,
    close: () => Promise.resolve(),
  };
  const sweepers = () =>
    Array.from({ length: 4 }, () =>
      createSweeper({ database: store().database, wakeups, logger: silentLogger as never }),
    );
  const takeSteps = async (): Promise<number> => {
    const taken = await Promise.all(sweepers().map((sweeper) => sweeper.takeSteps()));
    return taken.reduce((sum, count) => sum + count, 0);
  };
  /** A moment more, since what is asked is asked a moment after START. */
  const after = (seconds: number) => store().setClock(addSeconds(START, seconds + 5));
  const as = (name: string): string => routes.person(name).keyHash;

  test("parts of a route are let in at their time, each step once, by any number of instances", async () => {
    const id = await routes.ask({
      route: {
        anyOf: [
          { role: "admin" },
          { after: "10m", to: { user: routes.person("rita").id } },
          { after: "20m", to: { role: "manager" } },
        ],
      },
      onTimeout: "reject",
    });
    expect((await routes.read(id)).nextStep).toMatchObject({ type: "asked", who: routes.person("rita").id });
    await after(590);
    expect(await takeSteps()).toBe(0);
    expect(await outcomeOf(routes.decide(id, as("rita"), { verdict: "reject" }))).toBe("not_allowed");
    await after(601);
    expect(await takeSteps()).toBe(1);
    expect(await takeSteps()).toBe(0);
    expect((await routes.read(id)).nextStep).toMatchObject({ type: "asked", who: "a manager" });
    expect(await outcomeOf(routes.decide(id, as("mara"), { verdict: "reject" }))).toBe("not_allowed");
    await after(1_300);
    // The right comes with the time, whether or not a sweeper has been there.
    expect(await outcomeOf(routes.decide(id, as("mara"), { verdict: "reject" }))).toBe("rejected");
    expect(await takeSteps()).toBe(0);
    expect(await routes.events(id)).toEqual(["hold.created", "hold.escalated", "hold.decided"]);
  });

  test("the response target passes: the ladder's end is asked too, and those before still are", async () => {
    const ladder = { route: { role: "manager" as const }, timeoutSeconds: 1_800 };
    const asked = { route: { user: routes.person("rita").email }, respondSeconds: 600, ladder };
    const [one, other] = [await routes.ask(asked), await routes.ask(asked)];
    expect(await outcomeOf(routes.decide(one, as("mara"), { verdict: "reject" }))).toBe("not_allowed");
    await after(600);
    await takeSteps();
    expect(await outcomeOf(routes.decide(one, as("mara"), { verdict: "reject" }))).toBe("rejected");
    expect(await outcomeOf(routes.decide(other, as("rita"), { verdict: "reject" }))).toBe("rejected");
  });

  test("silence alone does not widen who may decide: an unnamed end of the ladder is not asked in their place", async () => {
    const id = await routes.ask({ route: { role: "admin" }, respondSeconds: 600 });
    await after(700);
    expect(await takeSteps()).toBe(0);
    expect(await outcomeOf(routes.decide(id, as("mara"), { verdict: "reject" }))).toBe("not_allowed");
    const reviewers = await routes.ask({ respondSeconds: 600, timeoutSeconds: 7_200 });
    await after(1_400);
    expect(await takeSteps()).toBe(1); // managers could decide before, and are told now
    expect((await routes.read(reviewers)).nextStep).toBeNull();
  });

  test("as many people as before: the ladder's end does not undo four eyes", async () => {
    const ladder = { route: { role: "manager" as const }, timeoutSeconds: 1_800 };
    const id = await routes.ask({
      route: { allOf: [{ user: routes.person("rita").id }, { user: routes.person("rolf").id }] },
      respondSeconds: 60,
      ladder,
    });
    await after(61);
    await takeSteps();
    expect(await outcomeOf(routes.decide(id, as("mara")))).toBe("pending");
    expect(await outcomeOf(routes.decide(id, as("moe")))).toBe("approved");
  });

  test("onTimeout escalate: others instead, with a new deadline, then expired; votes are void (I6, I8)", async () => {
    const quorum = { required: 2, refusals: 1 };
    const ladder = { route: { role: "manager" as const }, timeoutSeconds: 1_800 };
    const id = await routes.ask({
      quorum,
      onTimeout: "escalate",
      timeoutSeconds: 600,
      respondSeconds: 600,
      ladder,
    });
    await routes.decide(id, as("rita"));
    await after(600);
    await Promise.all(sweepers().map((sweeper) => sweeper.sweep()));
    const moved = await routes.read(id);
    expect(moved).toMatchObject({
      status: "pending",
      tier: "escalation",
      onTimeout: "reject",
      route: ladder.route,
    });
    expect(moved.quorum.votes).toEqual([]);
    expect(Date.parse(moved.expiresAt ?? "")).toBe(Date.parse(addSeconds(moved.createdAt, 2_400)));
    expect(await outcomeOf(routes.decide(id, as("rolf")))).toBe("not_allowed");
    expect(await outcomeOf(routes.decide(id, as("mara")))).toBe("pending");
    await after(2_401);
    expect(await outcomeOf(routes.decide(id, as("moe")))).toBe("expired");
    await Promise.all(sweepers().map((sweeper) => sweeper.sweep()));
    expect(await routes.events(id)).toEqual([
      "hold.created",
      "hold.voted",
      "hold.escalated",
      "hold.voted",
      "hold.expired",
    ]);
  });

  test("a plain route escalates before any sweeper; a decision after the second deadline does not count", async () => {
    const asked = { onTimeout: "escalate" as const, timeoutSeconds: 600, respondSeconds: 600 };
    const ids = [await routes.ask(asked), await routes.ask(asked), await routes.ask(asked)] as const;
    const forDeputy = await routes.ask(asked);
    await store().database.call("create_delegation_v1", {
      credentialHash: as("moe"),
      id: createId("dlg"),
      eventId: createId("evt"),
      to: routes.person("rolf").id,
      endsAt: addSeconds(START, 86_400),
    });
    await after(601);
    expect(await outcomeOf(routes.decide(ids[0], as("rita")))).toBe("not_allowed");
    expect(await outcomeOf(routes.decide(ids[0], as("mara")))).toBe("approved");
    expect(await outcomeOf(routes.decide(forDeputy, as("rolf")))).toBe("approved");
    expect((await routes.read(ids[1])).status).toBe("pending");
    await after(2_500);
    expect((await routes.read(ids[1])).status).toBe("expired");
    expect(await outcomeOf(routes.decide(ids[1], as("mara")))).toBe("expired");
    expect(await outcomeOf(routes.decide(ids[2], as("mara")))).toBe("expired");
  });

  test("reminders every n seconds; those that were missed are one", async () => {
    const id = await routes.ask({ remindEverySeconds: 300, timeoutSeconds: 7_200 });
    const times = [];
    for (const seconds of [290, 300, 590, 600, 3_000, 3_200, 3_300]) {
      await after(seconds);
      times.push([seconds, await takeSteps()]);
    }
    expect(times).toEqual([
      [290, 0],
      [300, 1],
      [590, 0],
      [600, 1],
      [3_000, 1],
      [3_200, 0],
      [3_300, 1],
    ]);
    expect(await routes.events(id)).toEqual([
      "hold.created",
      ...Array.from({ length: 4 }, () => "hold.reminded"),
    ]);
  });

  test("the database and core agree on what is next", async () => {
    const { database } = store();
    const route = { anyOf: [{ role: "admin" as const }, { after: "7m", to: { role: "manager" as const } }] };
    for (const remindEverySeconds of [null, 60, 400]) {
      await store().setClock(START);
      const id = await routes.ask({ route, remindEverySeconds, timeoutSeconds: 900 });
      for (let turn = 0; turn < 20; turn++) {
        const { hold } = (await database.call("get_hold_v1", routes.org.adminHash, id)) as {
          hold: { created_at: string; expires_at: string; next_step_at: string | null };
        };
        const last = turn === 0 ? hold.created_at : due;
        const expected = nextStepOf(
          { route, ladder: null, remindEverySeconds, createdAt: hold.created_at, expiresAt: hold.expires_at },
          last,
        );
        expect(hold.next_step_at === null ? null : renderInstant(hold.next_step_at)).toBe(
          expected === null ? null : renderInstant(expected.at),
        );
        if (hold.next_step_at === null) break;
        due = hold.next_step_at;
        await store().setClock(due);
        expect(await takeSteps()).toBe(1);
      }
    }
  });
  let due = "";
});
