import { createId } from "@holdpoint/protocol";
import { expect, test } from "vitest";
import { describeEachStore } from "../../src/testing/stores.ts";
import { seedOrganisation } from "../../src/testing/organisation.ts";
import { Principals } from "../../src/http/principal.ts";
import { createHold, type CreateHoldDeps } from "../../src/holds/create-hold.ts";
import { decideHold } from "../../src/holds/decide-hold.ts";
import { SchemaCheck } from "../../src/holds/schema-check.ts";

describeEachStore("holds", (store) => {
  test("a hold is created and approved once; the loser is told who won (I3)", async () => {
    const { database } = store();
    const org = await seedOrganisation(database);
    const deps: CreateHoldDeps = {
      database,
      principals: new Principals(database),
      tools: { findTool: () => undefined },
      schemas: new SchemaCheck(),
      claims: { issue: () => Promise.resolve("claim") },
      published: () => undefined,
    };
    const created = await createHold(deps, {
      credentialHash: org.agentHash,
      body: { kind: "approval", action: { name: "refund", arguments: { order: 17 } } },
      idempotencyKey: undefined,
    });
    if (created.type !== "held") throw new Error("not held");
    const { hold } = created;
    expect(hold).toMatchObject({
      status: "pending",
      action: { name: "refund" },
      allowedVerdicts: ["approve", "modify", "reject", "skip"],
    });
    const decision = {
      credentialHash: org.adminHash,
      holdId: hold.id,
      via: "api",
      idempotencyKey: undefined,
    };
    const approve = { verdict: "approve", actionHash: hold.action?.hash ?? "" } as const;
    await expect(
      decideHold(deps, { ...decision, input: approve, credentialHash: org.agentHash }),
    ).rejects.toMatchObject({ code: "not_allowed" });
    const decided = await decideHold(deps, { ...decision, input: approve });
    expect(decided).toMatchObject({
      status: "approved",
      fulfilment: "waiting",
      outcome: { by: { name: "Ada" } },
    });
    await expect(decideHold(deps, { ...decision, input: { verdict: "reject" } })).rejects.toMatchObject({
      code: "already_decided",
      details: { winner: { by: { name: "Ada" }, status: "approved" } },
    });
    expect(createId("hold")).not.toBe(hold.id);
  });
});
