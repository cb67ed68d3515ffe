import type { DecisionInput } from "@holdpoint/protocol";
import { beforeAll, expect, test } from "vitest";
import { decideTogether } from "../../src/holds/decide-together.ts";
import { SchemaCheck } from "../../src/holds/schema-check.ts";
import { hashOf, seedOrganisation } from "../../src/testing/organisation.ts";
import { describeEachStore } from "../../src/testing/stores.ts";
import { HASH, outcomeOf, seedRoutes, type Routes } from "./route-fixture.ts";

const APPROVE: DecisionInput = { verdict: "approve", actionHash: HASH };
const REJECT: DecisionInput = { verdict: "reject" };

/** R231, I3, I5: several holds at once, each decided as if alone, or none of them. */
describeEachStore("several holds are decided together or not at all", (store) => {
  let routes: Routes;
  let published: string[];
  beforeAll(async () => {
    routes = await seedRoutes(store().database);
    published = [];
  });

  const together = (
    decisions: readonly (readonly [string, DecisionInput])[],
    by = routes.person("rita").keyHash,
    idempotencyKey?: string,
  ) =>
    decideTogether(
      {
        database: store().database,
        tools: { findTool: () => undefined },
        schemas: new SchemaCheck(),
        published: (_org, { id }) => void published.push(id),
      },
      {
        credentialHash: by,
        decisions: decisions.map(([holdId, input]) => ({ holdId, input })),
        via: "api",
        idempotencyKey,
      },
    );
  const askFor = (count: number): Promise<string[]> =>
    Promise.all(Array.from({ length: count }, () => routes.ask()));
  const codeOf = (work: Promise<unknown>): Promise<string> => outcomeOf(work as never);
  async function expectUntouched(holdIds: readonly string[]): Promise<void> {
    for (const id of holdIds) {
      const { status, version, decisions } = await routes.read(id);
      expect({ status, version, decisions }).toEqual({ status: "pending", version: 1, decisions: [] });
      expect(await routes.events(id)).toEqual(["hold.created"]);
    }
  }

  test("each gets its own decision and its own event, and is told of after the commit", async () => {
    const [a = "", b = "", c = ""] = await askFor(3);
    const holds = await together([
      [c, REJECT],
      [a, APPROVE],
      [b, { verdict: "skip", comment: "Later." }],
    ]);
    expect(holds.map(({ id, status }) => [id, status])).toEqual([
      [c, "rejected"],
      [a, "approved"],
      [b, "skipped"],
    ]);
    expect(published).toEqual([c, a, b]);
    const decisions = await Promise.all([a, b, c].map(async (id) => (await routes.read(id)).decisions));
    expect(decisions.map((made) => made.length)).toEqual([1, 1, 1]);
    expect(new Set(decisions.flat().map(({ id }) => id)).size).toBe(3);
    for (const id of [a, b, c]) expect(await routes.events(id)).toEqual(["hold.created", "hold.decided"]);
  });

  test.each([
    ["another action", { verdict: "approve", actionHash: `sha256:${"2".repeat(64)}` }, "action_changed"],
    ["no action", { verdict: "approve" }, "invalid_request"],
    ["a verdict that it does not take", { verdict: "answer", answer: true }, "verdict_not_allowed"],
  ] as const)("%s for one of them: none is decided, wherever it stands", async (_, input, code) => {
    const ids = await askFor(3);
    for (const at of [0, 1, 2]) {
      const decisions = ids.map((id, index) => [id, index === at ? input : APPROVE] as const);
      expect(await codeOf(together(decisions))).toBe(code);
    }
    await expectUntouched(ids);
  });

  test("one that is decided, unknown, over, or another's to decide: none is", async () => {
    const [open = "", decided = "", late = ""] = await askFor(3);
    const managers = await routes.ask({ route: { role: "manager" } });
    await routes.decide(decided, routes.person("mara").keyHash);
    const past = await routes.ask({ timeoutSeconds: 1 });
    await store().advance(2_000);
    for (const [other, code] of [
      [decided, "already_decided"],
      ["hold_unknown", "not_found"],
      [managers, "not_allowed"],
      [past, "expired"],
    ] as const) {
      const decisions = [
        [open, APPROVE],
        [other, APPROVE],
        [late, REJECT],
      ] as const;
      expect([other, await codeOf(together(decisions))]).toEqual([other, code]);
    }
    await expectUntouched([open, late, managers]);
  });

  test("who asks cannot decide, and no stranger can (I7, I9)", async () => {
    const ids = await askFor(2);
    const decisions = ids.map((id) => [id, APPROVE] as const);
    const stranger = await seedOrganisation(store().database);
    expect(await codeOf(together(decisions, routes.org.agentHash))).toBe("not_allowed");
    expect(await codeOf(together(decisions, stranger.adminHash))).toBe("not_found");
    expect(await codeOf(together(decisions, hashOf("hpo_nobody")))).toBe("unauthorized");
    await expectUntouched(ids);
  });

  test("a vote among them counts, and is undone with the others", async () => {
    const [alone = "", refused = ""] = await askFor(2);
    const ofTwo = await routes.ask({ quorum: { required: 2, refusals: 1 } });
    await routes.decide(refused, routes.person("mara").keyHash);
    expect(
      await codeOf(
        together([
          [ofTwo, APPROVE],
          [alone, APPROVE],
          [refused, APPROVE],
        ]),
      ),
    ).toBe("already_decided");
    await expectUntouched([alone, ofTwo]);

    const [voted, done] = await together([
      [ofTwo, APPROVE],
      [alone, APPROVE],
    ]);
    expect([voted?.status, voted?.quorum.votes.length, done?.status]).toEqual(["pending", 1, "approved"]);
    expect((await routes.decide(ofTwo, routes.person("rolf").keyHash)).status).toBe("approved");
  });

  test("of many who decide the same at once, in any order, one wins whole", async () => {
    const ids = await askFor(4);
    const orders = [ids, ids.toReversed(), [...ids.slice(2), ...ids.slice(0, 2)], ids.toSorted()];
    const people = ["rita", "rolf", "mara", "moe"].map((name) => routes.person(name).keyHash);
    const outcomes = await Promise.all(
      orders.map((order, index) =>
        codeOf(
          together(
            order.map((id) => [id, index % 2 === 0 ? APPROVE : REJECT] as const),
            people[index],
          ).then(() => ({ status: "won" })),
        ),
      ),
    );
    expect(outcomes.toSorted()).toEqual(["already_decided", "already_decided", "already_decided", "won"]);
    const read = await Promise.all(ids.map((id) => routes.read(id)));
    expect(new Set(read.map(({ outcome }) => outcome?.by.id)).size).toBe(1);
    for (const id of ids) expect(await routes.events(id)).toEqual(["hold.created", "hold.decided"]);
  });

  test("beside deciders of single ones nobody waits for ever, and each hold has one outcome", async () => {
    const ids = await askFor(4);
    const alone = ids.map((id) => codeOf(routes.decide(id, routes.person("mara").keyHash)));
    const all = [ids, ids.toReversed()].map((order) =>
      codeOf(together(order.map((id) => [id, REJECT] as const)).then(() => ({ status: "won" }))),
    );
    await Promise.all([...alone, ...all]);
    for (const id of ids) {
      expect((await routes.read(id)).decisions).toHaveLength(1);
      expect(await routes.events(id)).toEqual(["hold.created", "hold.decided"]);
    }
  });

  test("the same key, the same answer; other decisions under it are refused", async () => {
    const [a = "", b = ""] = await askFor(2);
    const decisions = [
      [a, APPROVE],
      [b, REJECT],
    ] as const;
    const rita = routes.person("rita").keyHash;
    await together(decisions, rita, "k-1");
    const again = await together(decisions, rita, "k-1");
    expect(again.map(({ status }) => status)).toEqual(["approved", "rejected"]);
    expect(await routes.events(a)).toEqual(["hold.created", "hold.decided"]);
    expect(await codeOf(together([[a, REJECT]], rita, "k-1"))).toBe("idempotency_mismatch");
  });
});
