import { hasRole, type Evaluation } from "@holdpoint/core";
import { nextHoldStatus, VERDICTS, type Route } from "@holdpoint/protocol";
import { beforeAll, describe, expect, test } from "vitest";
import { listHolds } from "../../src/holds/read-holds.ts";
import { describeEachStore } from "../../src/testing/stores.ts";
import { storeHold } from "../../src/testing/stored-hold.ts";
import { asDefiner, HASH, outcomeOf, seedRoutes, type Routes } from "./route-fixture.ts";

/*
 * People against routes, written out by hand. Rows are who decides, columns what is asked; "yes" releases, "." is refused.
 * mara, a manager, is stood in for by rolf; rita is on call; ole and rolf are in the group legal.
 */
const MATRIX = `
         reviewer  manager  operator  admin  user:rita  group:legal  rotation  manager&legal
  vic    .         .        .         .      .          .            .         .
  rita   yes       .        .         .      yes        .            yes       .
  rolf   yes       yes      .         .      .          yes          .         vote
  mara   yes       yes      .         .      .          .            .         vote
  ole    yes       .        yes       .      .          yes          .         vote
  ann    yes       yes      yes       yes    .          .            .         vote`;

describeEachStore("who may decide what", (store) => {
  let routes: Routes;
  beforeAll(async () => {
    routes = await seedRoutes(store().database);
    await routes.policy({
      groups: { legal: [routes.person("ole").id, routes.person("rolf").email.toUpperCase()] },
      rotations: {
        night: { people: [routes.person("rita").email], timeZone: "Europe/Berlin", startsOn: "2026-01-01" },
      },
    });
    await store().database.call("create_delegation_v1", {
      credentialHash: routes.person("mara").keyHash,
      id: "dlg_matrix",
      eventId: "evt_matrix",
      to: routes.person("rolf").id,
      endsAt: new Date(Date.now() + 86_400_000).toISOString(),
    });
  });

  const routeNamed = (name: string): Route => {
    if (name === "user:rita") return { user: routes.person("rita").email };
    if (name === "group:legal") return { group: "legal" };
    if (name === "rotation") return { rotation: "night" };
    if (name === "manager&legal") return { allOf: [{ role: "manager" }, { group: "legal" }] };
    return { role: name } as Route;
  };
  const [head = [], ...rows] = MATRIX.trim()
    .split("\n")
    .map((line) => line.trim().split(/\s+/));

  test.each(rows.map(([name = "", ...cells]) => ({ name, cells })))(
    "$name, cell by cell",
    async ({ name, cells }) => {
      for (const [index, cell] of cells.entries()) {
        const column = head[index] ?? "";
        const id = await routes.ask({ route: routeNamed(column) });
        // By a session and by a key: the same human, the same right.
        const outcome = await outcomeOf(routes.decide(id, routes.person(name).sessionHash));
        const expected = cell === "yes" ? "approved" : cell === "vote" ? "pending" : "not_allowed";
        expect([name, column, outcome]).toEqual([name, column, expected]);
        const again = await outcomeOf(
          routes.decide(await routes.ask({ route: routeNamed(column) }), routes.person(name).keyHash),
        );
        expect([name, column, again]).toEqual([name, column, expected]);
      }
    },
  );

  test("an agent's key decides nothing, whatever the route (I9)", async () => {
    for (const column of head) {
      const id = await routes.ask({ route: routeNamed(column) });
      expect([column, await outcomeOf(routes.decide(id, routes.org.agentHash))]).toEqual([
        column,
        "not_allowed",
      ]);
    }
  });

  test("lists of what is mine to decide say the same", async () => {
    const ids = new Map<string, string>();
    for (const column of head) ids.set(await routes.ask({ route: routeNamed(column) }), column);
    for (const [name = "", ...cells] of rows) {
      const page = await listHolds(store().database, routes.person(name).keyHash, {
        assignee: "me",
        status: "pending",
        sort: "createdAt",
        limit: 200,
      });
      const listed = page.data.flatMap(({ id }) => ids.get(id) ?? []).toSorted();
      expect([name, listed]).toEqual([name, head.filter((_, index) => cells[index] !== ".").toSorted()]);
    }
  });

  describe("the way by transaction agrees with the hot function, cell by cell", () => {
    test("status x verdict", async () => {
      const { database } = store();
      for (const status of ["pending", "approved", "rejected", "expired", "cancelled"] as const) {
        for (const verdict of VERDICTS) {
          const cell = async (columns: object) => {
            const id = await storeHold(database, routes.org.orgId, {
              kind: "approval",
              status,
              action_hash: HASH,
              verdicts: ["approve", "modify", "reject", "skip"],
              ...columns,
            });
            return outcomeOf(
              routes.decide(id, routes.org.adminHash, {
                verdict,
                actionHash: HASH,
                ...(verdict === "modify" && { arguments: { order: 18 } }),
                ...(verdict === "answer" && { answer: true }),
              }),
            );
          };
          const fast = await cell({});
          const slow = await cell({ route_role: null });
          const legal = nextHoldStatus(verdict, "approval", status);
          expect([status, verdict, slow]).toEqual([status, verdict, fast]);
          if (legal !== undefined) expect(slow).toBe(legal);
        }
      }
    });

    test.each(["requester", "starter", "strict"] as const)(
      "separation %s x who asked",
      async (separation) => {
        const { database } = store();
        const mara = routes.person("mara");
        for (const kind of ["agent", "member", "operator_key"] as const) {
          for (const starter of [null, mara.id]) {
            const columns = {
              kind: "approval",
              status: "pending",
              separation,
              action_hash: HASH,
              requester: kind === "agent" ? "billing" : mara.id,
              requester_kind: kind,
              requester_member_id: kind === "agent" ? null : mara.id,
              starter_member_id: starter,
            } as const;
            const fast = await storeHold(database, routes.org.orgId, columns);
            const slow = await storeHold(database, routes.org.orgId, { ...columns, route_role: null });
            const cell = [separation, kind, starter === null];
            for (const credential of [mara.sessionHash, mara.keyHash]) {
              const [one, other] = [
                await outcomeOf(routes.decide(fast, credential, { verdict: "reject" })),
                await outcomeOf(routes.decide(slow, credential, { verdict: "reject" })),
              ];
              expect([...cell, other]).toEqual([...cell, one]);
            }
          }
        }
      },
    );

    test.each(["L0", "L1", "L2", "L3"] as const)(
      "strength %s x how it was signed in to",
      async (strength) => {
        const { database } = store();
        const rita = routes.person("rita");
        for (const [credential, minutes] of [
          [rita.keyHash, 0],
          [rita.sessionHash, 0],
          [rita.sessionHash, 6],
        ] as const) {
          await asDefiner(
            database,
            "update holdpoint.member_sessions set signed_in_at = holdpoint.hp_now() - $2 * interval '1 minute' where hash = $1",
            [rita.sessionHash, minutes],
          );
          const asked: Partial<Evaluation> = { strength };
          const fast = await outcomeOf(routes.decide(await routes.ask(asked), credential));
          const slow = await outcomeOf(
            routes.decide(await routes.ask({ ...asked, route: { user: rita.email } }), credential),
          );
          const isFresh = credential === rita.sessionHash && minutes < 5;
          const isEnough = strength === "L2" ? isFresh : strength !== "L3";
          expect([strength, minutes, slow]).toEqual([strength, minutes, fast]);
          expect(fast).toBe(isEnough ? "approved" : "not_strong_enough");
        }
      },
    );

    test("core says of a role what the hot function says", async () => {
      for (const role of ["viewer", "reviewer", "manager", "operator", "admin"] as const) {
        for (const needed of ["reviewer", "manager", "operator", "admin"] as const) {
          expect([role, needed, hasRole(role, needed)]).toEqual([
            role,
            needed,
            await store().database.call("may_decide_v1", role, needed),
          ]);
        }
      }
    });
  });
});
