import { createId } from "@holdpoint/protocol";
import { beforeAll, describe, expect, test } from "vitest";
import { openTestStore, describeEachStore } from "../../src/testing/stores.ts";
import { listHolds } from "../../src/holds/read-holds.ts";
import { asDefiner, HASH, outcomeOf, seedRoutes, type Routes } from "./route-fixture.ts";

describeEachStore("votes", (store) => {
  let routes: Routes;
  beforeAll(async () => {
    routes = await seedRoutes(store().database);
  });
  const two = { quorum: { required: 2, refusals: 2 } };
  const hashOf = (name: string): string => routes.person(name).sessionHash;

  test("2 of n for the same bytes release; each vote is one event, each decision one more (I5)", async () => {
    const id = await routes.ask(two);
    const first = await routes.decide(id, hashOf("rita"), { comment: "fine" });
    expect(first).toMatchObject({
      status: "pending",
      fulfilment: "none",
      outcome: null,
      quorum: {
        required: 2,
        refusals: 2,
        votes: [
          {
            by: { name: "rita", verifiedBy: "session" },
            verdict: "approve",
            actionHash: HASH,
            comment: "fine",
          },
        ],
      },
    });
    // A list shows them as the hold itself does.
    const { data } = await listHolds(store().database, hashOf("rita"), { limit: 200, sort: "createdAt" });
    expect(data.find((hold) => hold.id === id)?.quorum).toEqual((await routes.read(id)).quorum);
    expect(await routes.decide(id, hashOf("mara"))).toMatchObject({
      status: "approved",
      fulfilment: "waiting",
      outcome: { actionHash: HASH, by: { name: "mara" } },
    });
    expect(await routes.events(id)).toEqual(["hold.created", "hold.voted", "hold.decided"]);
    const shown = await routes.read(id);
    expect(shown.quorum.votes.map(({ by }) => by.name)).toEqual(["rita", "mara"]);
    expect(shown.decisions).toHaveLength(2);
    expect(await outcomeOf(routes.decide(id, hashOf("rolf")))).toBe("already_decided"); // I3
  });

  test("defect 27: one human counts once, across key, session and spelling; the requester not at all (I9)", async () => {
    const rita = routes.person("rita");
    const id = await routes.ask(two);
    for (const credential of [rita.sessionHash, rita.keyHash, rita.sessionHash])
      expect(await outcomeOf(routes.decide(id, credential))).toBe("pending");
    expect((await routes.read(id)).quorum.votes).toHaveLength(1);
    const spelled = await routes.ask({
      route: { allOf: [{ user: rita.email.toUpperCase() }, { user: rita.id }] },
    });
    for (const credential of [rita.sessionHash, rita.keyHash])
      expect(await outcomeOf(routes.decide(spelled, credential))).toBe("pending");
    const own = await routes.ask(two);
    await asDefiner(
      store().database,
      "update holdpoint.holds set requester = $2::text, requester_kind = 'member', requester_member_id = $2::text where id = $1",
      [own, rita.id],
    );
    expect(await outcomeOf(routes.decide(own, rita.keyHash))).toBe("not_allowed");
  });

  test("a change is a vote for other bytes; the same change from another counts with it", async () => {
    const id = await routes.ask(two);
    const ten = { verdict: "modify", actionHash: HASH } as const;
    await routes.decide(id, hashOf("rita"));
    expect(await outcomeOf(routes.decide(id, hashOf("mara"), { ...ten, modifications: { order: 18 } }))).toBe(
      "pending",
    );
    expect(await routes.decide(id, hashOf("rolf"), { ...ten, arguments: { order: 18 } })).toMatchObject({
      status: "modified",
      outcome: { arguments: { order: 18 } },
    });
  });

  test("noes have their own limit, and a changed mind is one vote", async () => {
    const id = await routes.ask({ quorum: { required: 3, refusals: 2 } });
    const no = { verdict: "reject" } as const;
    expect(await outcomeOf(routes.decide(id, hashOf("rita"), no))).toBe("pending");
    expect(await outcomeOf(routes.decide(id, hashOf("rita")))).toBe("pending");
    expect(await outcomeOf(routes.decide(id, hashOf("rolf"), no))).toBe("pending");
    expect(await outcomeOf(routes.decide(id, hashOf("mara"), no))).toBe("rejected");
    expect((await routes.read(id)).fulfilment).toBe("none");
  });

  test("allOf: a different person for each part, in whatever order they come", async () => {
    const route = { allOf: [{ role: "reviewer" }, { role: "manager" }] } as const;
    for (const order of [
      ["rita", "mara"],
      ["mara", "rita"],
      ["mara", "moe"],
    ]) {
      const id = await routes.ask({ route: { allOf: [...route.allOf] } });
      const outcomes = [];
      for (const name of order) outcomes.push(await outcomeOf(routes.decide(id, hashOf(name))));
      expect(outcomes).toEqual(["pending", "approved"]);
    }
    const id = await routes.ask({ route: { allOf: [...route.allOf] } });
    for (const name of ["rita", "rolf", "mara"])
      expect([name, await outcomeOf(routes.decide(id, hashOf(name)))]).toEqual([
        name,
        name === "mara" ? "approved" : "pending",
      ]);
  });

  test("who was removed, or is no reviewer any more, counts no longer", async () => {
    const { database } = store();
    const later = await seedRoutes(database);
    const id = await later.ask(two);
    await later.decide(id, later.person("rita").keyHash);
    await database.call("remove_member_v1", {
      credentialHash: later.org.adminHash,
      id: later.person("rita").id,
    });
    expect(await outcomeOf(later.decide(id, later.person("rolf").keyHash))).toBe("pending");
    await asDefiner(database, "update holdpoint.members set role = 'viewer' where id = $1", [
      later.person("rolf").id,
    ]);
    expect(await outcomeOf(later.decide(id, later.person("mara").keyHash))).toBe("pending");
    expect(await outcomeOf(later.decide(id, later.person("moe").keyHash))).toBe("approved");
  });

  test("a vote is bound to what was shown, and given once however often it is sent (I8)", async () => {
    const id = await routes.ask(two);
    expect(await outcomeOf(routes.decide(id, hashOf("rita"), { verdict: "approve" }))).toBe(
      "invalid_request",
    );
    const other = { verdict: "approve", actionHash: `sha256:${"2".repeat(64)}` } as const;
    expect(await outcomeOf(routes.decide(id, hashOf("rita"), other))).toBe("action_changed");
    const key = createId("req");
    const first = await routes.decide(id, hashOf("rita"), {}, key);
    expect((await routes.decide(id, hashOf("rita"), {}, key)).version).toBe(first.version);
    expect(await outcomeOf(routes.decide(id, hashOf("rita"), { verdict: "reject" }, key))).toBe(
      "idempotency_mismatch",
    );
    expect(await outcomeOf(routes.decide(id, hashOf("mara"), {}, key))).toBe("idempotency_mismatch");
    expect(await routes.events(id)).toEqual(["hold.created", "hold.voted"]);
  });

  test("votes for an earlier version of what is asked are void (I8)", async () => {
    const id = await routes.ask(two);
    await routes.decide(id, hashOf("rita"));
    await asDefiner(store().database, "update holdpoint.holds set votes_since = version where id = $1", [id]);
    expect((await routes.read(id)).quorum.votes).toEqual([]);
    expect(await outcomeOf(routes.decide(id, hashOf("mara")))).toBe("pending");
    expect(await outcomeOf(routes.decide(id, hashOf("rita")))).toBe("approved");
  });

  test("not now is each person's own, with composed routes too; who has voted is asked no more", async () => {
    const { database } = store();
    const rows = async (name: string) => {
      const page = (await database.call("list_holds_v1", {
        credentialHash: hashOf(name),
        assignee: "me",
        status: "pending",
        limit: 200,
      })) as { page: { hold: { id: string } }[] };
      return page.page.map(({ hold }) => hold.id);
    };
    const id = await routes.ask({ route: { allOf: [{ role: "reviewer" }, { role: "manager" }] } });
    await database.call("defer_hold_v1", {
      credentialHash: hashOf("rita"),
      holdId: id,
      isDeferred: true,
      eventId: createId("evt"),
      timeoutEventId: createId("evt"),
    });
    expect(await rows("rita")).not.toContain(id);
    expect(await rows("rolf")).toContain(id);
    await routes.decide(id, hashOf("rolf"));
    expect(await rows("rolf")).not.toContain(id);
    expect(await rows("moe")).toContain(id);
    expect(await outcomeOf(routes.decide(id, hashOf("rita")))).toBe("pending"); // put off, not given up
  });
});

describe("64 people vote at once", () => {
  test(
    "as many are counted as it takes, one ends it, all others are told who (I3, I5)",
    { timeout: 120_000 },
    async () => {
      const store = await openTestStore("postgres");
      try {
        const routes = await seedRoutes(store.database);
        const { seedPerson } = routes;
        const voters = [];
        for (let index = 0; index < 64; index++) voters.push(await seedPerson(`voter${index}`, "reviewer"));
        for (let round = 0; round < 5; round++) {
          const id = await routes.ask({ quorum: { required: 5, refusals: 64 } });
          const outcomes = await Promise.all(
            voters.map(({ keyHash }) => outcomeOf(routes.decide(id, keyHash))),
          );
          expect(outcomes.filter((outcome) => outcome === "pending")).toHaveLength(4);
          expect(outcomes.filter((outcome) => outcome === "approved")).toHaveLength(1);
          expect(outcomes.filter((outcome) => outcome === "already_decided")).toHaveLength(59);
          // Each door made its event's id before the database put them in their order.
          expect((await routes.events(id)).toSorted()).toEqual([
            "hold.created",
            "hold.decided",
            ...Array.from({ length: 4 }, () => "hold.voted"),
          ]);
          const shown = await routes.read(id);
          expect(new Set(shown.quorum.votes.map(({ by }) => by.id)).size).toBe(5);
        }
      } finally {
        await store.close();
      }
    },
  );
});
