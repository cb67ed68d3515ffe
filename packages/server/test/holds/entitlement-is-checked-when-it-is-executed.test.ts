import { createId } from "@holdpoint/protocol";
import { beforeAll, describe, expect, test } from "vitest";
import { describeEachStore } from "../../src/testing/stores.ts";
import { createRunFixture } from "../runs/run-fixture.ts";
import { asDefiner, outcomeOf, revisionOf, seedRoutes, type Routes } from "./route-fixture.ts";
import { z } from "zod";
import { defineTool } from "../../src/agents/tool.ts";

describeEachStore("defect 34: an approver's right was removed between decision and execution", (store) => {
  let routes: Routes;
  beforeAll(async () => {
    routes = await seedRoutes(store().database);
  });
  const claim = async (holdId: string): Promise<{ code: string; hold: { fulfilment: string } }> =>
    (await store().database.call("claim_v1", {
      credentialHash: routes.org.agentHash,
      holdId,
      claimId: createId("clm"),
      lifetimeSeconds: 300,
      eventId: createId("evt"),
      policyRevision: await revisionOf(store().database, routes.org.orgId),
    })) as { code: string; hold: { fulfilment: string } };
  const become = (id: string, role: string) =>
    asDefiner(store().database, "update holdpoint.members set role = $2 where id = $1", [id, role]);
  const remove = (id: string) =>
    store().database.call("remove_member_v1", { credentialHash: routes.org.adminHash, id });

  test("removed: refused, told why, and nothing waits for it any more", async () => {
    const someone = await routes.seedPerson("gone", "reviewer");
    const id = await routes.ask();
    await routes.decide(id, someone.keyHash);
    await remove(someone.id);
    expect(await claim(id)).toMatchObject({ code: "entitlement_lost", hold: { fulfilment: "failed" } });
    expect(await claim(id)).toMatchObject({ code: "entitlement_lost" });
    expect(await routes.events(id)).toEqual(["hold.created", "hold.decided", "action.refused"]);
    expect(await routes.read(id)).toMatchObject({
      status: "approved",
      execution: { error: { code: "entitlement_lost" } },
    });
  });

  test("another role: refused; a higher one: executed", async () => {
    for (const [role, code] of [
      ["viewer", "entitlement_lost"],
      ["manager", "ok"],
    ] as const) {
      const someone = await routes.seedPerson(`to-${role}`, "reviewer");
      const id = await routes.ask();
      await routes.decide(id, someone.keyHash);
      await become(someone.id, role);
      expect([role, (await claim(id)).code]).toEqual([role, code]);
    }
  });

  test("out of the group, or the group is gone: refused", async () => {
    const leo = await routes.seedPerson("leo", "viewer");
    for (const groups of [{ legal: [] }, {}]) {
      await routes.policy({ groups: { legal: [leo.email] } });
      const [kept, lost] = [
        await routes.ask({ route: { group: "legal" } }),
        await routes.ask({ route: { group: "legal" } }),
      ];
      for (const id of [kept, lost]) expect(await outcomeOf(routes.decide(id, leo.keyHash))).toBe("approved");
      expect((await claim(kept)).code).toBe("ok");
      await routes.policy({ groups });
      expect((await claim(lost)).code).toBe("entitlement_lost");
    }
  });

  test("a delegation ended, revoked, or its giver is gone: refused", async () => {
    const { database } = store();
    const mara = routes.person("mara");
    const rolf = routes.person("rolf");
    const delegate = async (from: string) => {
      const answer = (await database.call("create_delegation_v1", {
        credentialHash: routes.org.adminHash,
        id: createId("dlg"),
        eventId: createId("evt"),
        from,
        to: rolf.id,
        endsAt: new Date(Date.now() + 3_600_000).toISOString(),
      })) as { delegation: { id: string } };
      return answer.delegation.id;
    };
    const decided = async () => {
      const id = await routes.ask({ route: { role: "manager" } });
      expect(await outcomeOf(routes.decide(id, rolf.keyHash))).toBe("approved");
      return id;
    };
    const first = await delegate(mara.id);
    const [kept, revoked] = [await decided(), await decided()];
    expect((await claim(kept)).code).toBe("ok");
    await database.call("revoke_delegation_v1", {
      credentialHash: mara.keyHash,
      id: first,
      eventId: createId("evt"),
    });
    expect((await claim(revoked)).code).toBe("entitlement_lost");
    const second = await delegate(mara.id);
    const ended = await decided();
    await asDefiner(
      database,
      "update holdpoint.delegations set starts_at = created_at - interval '2 hours', ends_at = created_at - interval '1 hour' where id = $1",
      [second],
    );
    expect((await claim(ended)).code).toBe("entitlement_lost");
    const giver = await routes.seedPerson("giver", "manager");
    await delegate(giver.id);
    const withoutGiver = await decided();
    await remove(giver.id);
    expect((await claim(withoutGiver)).code).toBe("entitlement_lost");
  });

  test("of a quorum: every one who was counted", async () => {
    const [one, other] = [
      await routes.seedPerson("one", "reviewer"),
      await routes.seedPerson("other", "reviewer"),
    ];
    const id = await routes.ask({ quorum: { required: 2, refusals: 1 } });
    await routes.decide(id, one.keyHash);
    await routes.decide(id, other.keyHash);
    await become(one.id, "viewer");
    expect((await claim(id)).code).toBe("entitlement_lost");
  });

  test("who was on call then need not be now", async () => {
    const rita = routes.person("rita");
    const rotation = { timeZone: "UTC", startsOn: "2026-01-01" };
    await routes.policy({ rotations: { night: { ...rotation, people: [rita.email] } } });
    const id = await routes.ask({ route: { rotation: "night" } });
    expect(await outcomeOf(routes.decide(id, rita.keyHash))).toBe("approved");
    await routes.policy({ rotations: { night: { ...rotation, people: [routes.person("rolf").email] } } });
    expect((await claim(id)).code).toBe("ok");
  });

  test("what the timeout released has nobody's right to lose", async () => {
    const id = await routes.ask({ onTimeout: "approve", reversibility: "reversible", timeoutSeconds: 60 });
    await store().advance(61_000);
    await store().database.call("expire_due_v1", [createId("evt")]);
    expect((await claim(id)).code).toBe("ok");
    await store().setClock(null);
  });

  describe("a run's call", () => {
    test("is not executed, and asked again", async () => {
      const executed: unknown[] = [];
      const tool = defineTool({
        name: "pay",
        description: "Pays.",
        input: z.object({ eur: z.number() }),
        requiresConfirmation: true,
        execute: (input) => {
          executed.push(input);
          return { paid: true };
        },
      });
      const run = await createRunFixture(
        store(),
        {
          tools: [tool],
          script: ({ results }) =>
            results.length === 0
              ? { toolCalls: [{ name: "pay", arguments: { eur: 5 } }] }
              : { text: "Done." },
        },
        {},
        routes.org,
      );
      try {
        const worker = await run.startWorker();
        const id = await run.start("Pay 5.");
        const holding = await run.holding(id);
        const first = holding.holds[0];
        await worker.stop();
        const someone = await routes.seedPerson("leaver", "reviewer");
        await routes.decide(first?.id ?? "", someone.keyHash, {
          verdict: "approve",
          actionHash: first?.action?.hash ?? "",
        });
        await remove(someone.id);
        await run.startWorker();
        const again = await run.until(id, ({ holds }) =>
          holds.some((hold) => hold.id !== first?.id && hold.status === "pending"),
        );
        expect(executed).toEqual([]);
        const second = again.holds.find((hold) => hold.status === "pending");
        expect(second?.reasons.map(({ rule }) => rule)).toContain("asked_again");
        await run.approve(again);
        await run.ended(id);
        expect(executed).toEqual([{ eur: 5 }]);
      } finally {
        await run.stop();
      }
    });
  });
});
