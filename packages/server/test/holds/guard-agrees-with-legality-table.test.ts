import {
  allowedVerdicts,
  createId,
  DECIDES_FOR,
  FULFILMENTS,
  HOLD_KINDS,
  HOLD_LEGALITY,
  HOLD_STATUSES,
  nextHoldStatus,
  ROLES,
  VERDICTS,
  type HoldStatus,
} from "@holdpoint/protocol";
import { expect, test } from "vitest";
import { describeEachStore } from "../../src/testing/stores.ts";
import { seedOrganisation } from "../../src/testing/organisation.ts";
import { storeHold } from "../../src/testing/stored-hold.ts";

const HASH = `sha256:${"0".repeat(64)}`;

/** The database's guard is written in SQL; these tests hold it against the one legality table, cell by cell. */
describeEachStore("the guard in the database agrees with the legality table", (store) => {
  test("every kind x status x verdict", async () => {
    const { database } = store();
    const org = await seedOrganisation(database);
    for (const kind of HOLD_KINDS) {
      for (const status of HOLD_STATUSES) {
        for (const verdict of VERDICTS) {
          const id = await storeHold(database, org.orgId, {
            kind,
            status,
            verdicts: allowedVerdicts(kind, "pending"),
          });
          const answer = (await database.call("decide_v1", {
            credentialHash: org.adminHash,
            holdId: id,
            verdict,
            actionHash: kind === "approval" ? HASH : undefined,
            arguments: {},
            outcomeActionHash: HASH,
            answer: true,
            via: "api",
            decisionId: createId("dec"),
            eventId: createId("evt"),
            timeoutEventId: createId("evt"),
          })) as { code: string; hold: { status: HoldStatus } };
          const next = nextHoldStatus(verdict, kind, status);
          const cell = `${kind} ${status} ${verdict}`;
          if (next === undefined)
            expect([cell, answer.code]).toEqual([
              cell,
              status === "pending"
                ? "verdict_not_allowed"
                : status === "expired"
                  ? "expired"
                  : "already_decided",
            ]);
          else expect([cell, answer.code, answer.hold.status]).toEqual([cell, "ok", next]);
        }
      }
    }
  });

  test("every kind x status x cancel, and deadlines", async () => {
    const { database } = store();
    const org = await seedOrganisation(database);
    for (const kind of HOLD_KINDS) {
      for (const status of HOLD_STATUSES) {
        const id = await storeHold(database, org.orgId, { kind, status });
        const answer = (await database.call("cancel_hold_v1", {
          credentialHash: org.adminHash,
          holdId: id,
          via: "api",
          eventId: createId("evt"),
          timeoutEventId: createId("evt"),
        })) as { code: string };
        const isLegal = nextHoldStatus("cancel", kind, status) !== undefined;
        const refused =
          status === "cancelled" ? "repeated" : status === "expired" ? "expired" : "already_decided";
        expect([kind, status, answer.code]).toEqual([kind, status, isLegal ? "ok" : refused]);
      }
    }
    // Past its deadline only what is pending ends, whatever its kind.
    const overdue = new Map<string, HoldStatus>();
    for (const kind of HOLD_KINDS) {
      for (const status of HOLD_STATUSES) {
        const id = await storeHold(database, org.orgId, { kind, status, expires_at: "2026-01-01T00:02:00Z" });
        overdue.set(id, nextHoldStatus("expire", kind, status) ?? status);
      }
    }
    await database.call(
      "expire_due_v1",
      Array.from({ length: 50 }, () => createId("evt")),
    );
    for (const [id, expected] of overdue) {
      const answer = (await database.call("get_hold_v1", org.adminHash, id)) as {
        hold: { status: HoldStatus };
      };
      expect(answer.hold.status).toBe(expected);
    }
    expect(HOLD_LEGALITY.expire.from).toEqual(["pending"]);
  });

  test("every role x role needed", async () => {
    const { database } = store();
    for (const role of ROLES) {
      for (const needed of ROLES.filter((name) => name !== "viewer")) {
        expect([role, needed, await database.call("may_decide_v1", role, needed)]).toEqual([
          role,
          needed,
          (DECIDES_FOR[needed] as readonly string[]).includes(role),
        ]);
      }
    }
  });

  test("claiming: every status x fulfilment", async () => {
    const { database } = store();
    const org = await seedOrganisation(database, { agentId: "billing" });
    for (const status of HOLD_STATUSES) {
      for (const fulfilment of FULFILMENTS) {
        const id = await storeHold(database, org.orgId, {
          kind: "approval",
          status,
          fulfilment,
          agent_id: "billing",
          requester: "billing",
          outcome: {
            verdict: "approve",
            arguments: { order: 17 },
            actionHash: HASH,
            by: { id: org.adminId, name: "Ada", via: "api", verifiedBy: "session" },
          },
        });
        const answer = (await database.call("claim_v1", {
          credentialHash: org.agentHash,
          holdId: id,
          actionHash: HASH,
          claimId: createId("clm"),
          lifetimeSeconds: 300,
          eventId: createId("evt"),
          timeoutEventId: createId("evt"),
        })) as { code: string };
        const isApproved = status === "approved" || status === "modified";
        const isWaiting = fulfilment === "waiting" || fulfilment === "delivered";
        const expected = !isApproved
          ? status === "expired"
            ? "expired"
            : "not_approved"
          : isWaiting
            ? "ok"
            : "already_redeemed";
        expect([status, fulfilment, answer.code]).toEqual([status, fulfilment, expected]);
      }
    }
  });
});
