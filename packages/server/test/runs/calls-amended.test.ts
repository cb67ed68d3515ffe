/*
 * Breaks, if it is wrong: I1 (what was approved is what executes), I8 (a decision on the old arguments counts for nothing), I9
 * (who amended it does not release it).
 */
import { randomBytes } from "node:crypto";
import { actionHash, type Hold, type Run } from "@holdpoint/protocol";
import { afterEach, beforeEach, expect, test } from "vitest";
import { decideHold } from "../../src/holds/decide-hold.ts";
import { SchemaCheck } from "../../src/holds/schema-check.ts";
import { Registry } from "../../src/agents/registry.ts";
import { defineAgent } from "../../src/agents/agent.ts";
import { hashOf } from "../../src/testing/organisation.ts";
import { describeEachStore } from "../../src/testing/stores.ts";
import { createRunFixture, type RunFixture } from "./run-fixture.ts";
import { steering, type Steering } from "./steering.ts";
import { createTestTools, obey, type TestTools } from "./test-tools.ts";

const FEWER = {
  arguments: { table: "users", count: 2, reason: "fewer" },
  reason: "Only the two that were asked for.",
};

describeEachStore("a call whose arguments a person changes while it waits", (store) => {
  let fixture: RunFixture;
  let tools: TestTools;
  let steer: Steering;

  beforeEach(async () => {
    tools = createTestTools();
    const agent = { tools: tools.tools, script: obey };
    fixture = await createRunFixture(store(), agent);
    steer = steering(store(), fixture, agent);
    await fixture.startWorker();
  });
  afterEach(() => fixture.stop());

  async function heldRun(): Promise<{ runId: string; callId: string; holdId: string }> {
    const runId = await fixture.start("delete 5");
    const held = await fixture.holding(runId);
    return { runId, callId: held.toolCalls[0]?.id ?? "", holdId: held.holds[0]?.id ?? "" };
  }

  /** A session of the admin, in which nobody decides on what they asked for. */
  async function signIn(): Promise<string> {
    const session = hashOf(randomBytes(32).toString("base64url"));
    const { orgId, adminId } = fixture.organisation;
    await store().database.ownerSession(async (owner) => {
      await owner.query("begin");
      await owner.query("set local role hp_definer");
      await owner.query(
        "insert into holdpoint.member_sessions (hash, org_id, member_id, signed_in_at, expires_at) values ($1, $2, $3, now(), now() + interval '1 hour')",
        [session, orgId, adminId],
      );
      await owner.query("commit");
    });
    return session;
  }

  function decideBy(credentialHash: string, hold: Hold | undefined): Promise<unknown> {
    const registry = new Registry({
      agents: [defineAgent({ id: "tester", name: "Tester", model: "openai/none", tools: tools.tools })],
    });
    return decideHold(
      { database: store().database, tools: registry, schemas: new SchemaCheck(), published: () => {} },
      {
        credentialHash,
        holdId: hold?.id ?? "",
        input: { verdict: "approve", actionHash: hold?.action?.hash ?? "" },
        via: "api",
        idempotencyKey: undefined,
      },
    );
  }

  test("is asked about anew under a new hash; what is approved then is executed, and the model learns it", async () => {
    const { runId, callId, holdId } = await heldRun();
    const call = await steer.amend(runId, callId, FEWER);
    expect(call).toMatchObject({ status: "gated", steered: { action: "amended", reason: FEWER.reason } });
    expect(call.holdId).not.toBe(holdId);
    const amended = await fixture.until(runId, () => true);
    expect(amended).toMatchObject({
      status: "holding",
      holds: [
        { id: holdId, status: "cancelled", metadata: { replacedBy: call.holdId } },
        {
          id: call.holdId,
          status: "pending",
          action: { arguments: FEWER.arguments },
          metadata: { replaces: holdId },
        },
      ],
    });
    const [old, next] = amended.holds;
    expect(next?.action?.hash).not.toBe(old?.action?.hash);
    expect(next?.action?.hash).toBe(
      actionHash({
        orgId: amended.orgId,
        tool: "delete",
        toolHash: tools.tools.find(({ name }) => name === "delete")?.toolHash ?? "",
        arguments: FEWER.arguments,
        agentId: "tester",
        runId,
        toolCallId: callId,
      }),
    );
    expect(next?.reasons.at(-1)?.text).toBe(`Ada changed what the agent proposed: ${FEWER.reason}`);
    await fixture.approve(amended);
    const run = await fixture.ended(runId);
    expect(tools.done).toMatchObject([{ name: "delete", arguments: FEWER.arguments }]);
    expect(run.toolCalls).toMatchObject([{ status: "succeeded", arguments: { count: 5 } }]);
    expect(JSON.stringify(run.messages)).toContain("was executed with");
    const types = await fixture.eventTypes(runId);
    expect(types.filter((type) => /hold\.(created|cancelled)|amended/.test(type))).toEqual([
      "hold.created",
      "hold.cancelled",
      "hold.created",
      "action.amended",
    ]);
  });

  test("a decision on what it was before is too late, also with the hash of the new", async () => {
    const { runId, callId, holdId } = await heldRun();
    const before = await fixture.until(runId, () => true);
    const oldHash = before.holds[0]?.action?.hash;
    const call = await steer.amend(runId, callId, FEWER);
    await expect(
      fixture.decide(holdId, { verdict: "approve", actionHash: oldHash ?? "" }),
    ).rejects.toMatchObject({ code: "already_decided" });
    await expect(
      fixture.decide(call.holdId ?? "", { verdict: "approve", actionHash: oldHash ?? "" }),
    ).rejects.toMatchObject({ code: "action_changed" });
    expect(await fixture.until(runId, () => true)).toMatchObject({ status: "holding" });
    expect(tools.done).toEqual([]);
  });

  test("who amended it in a session of theirs does not release it (I9)", async () => {
    const { runId, callId } = await heldRun();
    const session = await signIn();
    const call = await steer.amend(runId, callId, FEWER, { credentialHash: session });
    const hold = (await fixture.until(runId, () => true)).holds.find(({ id }) => id === call.holdId);
    const decide = (credentialHash: string) => decideBy(credentialHash, hold);
    await expect(decide(session)).rejects.toMatchObject({ code: "not_allowed" });
    await decide(fixture.organisation.reviewerHash);
    fixture.wakeups.publish(["advance"]);
    await fixture.ended(runId);
    expect(tools.done).toMatchObject([{ arguments: FEWER.arguments }]);
  });

  test("asked about once more because its tool changed, it is still not theirs to release (I9)", async () => {
    const { runId, callId } = await heldRun();
    await fixture.stop();
    const agent = { tools: tools.tools, script: obey };
    fixture = await createRunFixture(store(), agent, {}, fixture.organisation);
    steer = steering(store(), fixture, agent);
    const session = await signIn();
    const call = await steer.amend(runId, callId, FEWER, { credentialHash: session });
    const holdOf = (run: Run, id: string | null) => run.holds.find((hold) => hold.id === id);
    await decideBy(
      fixture.organisation.reviewerHash,
      holdOf(await fixture.until(runId, () => true), call.holdId),
    );
    const changed = createTestTools().tools.map((tool) =>
      tool.name === "delete" ? { ...tool, toolHash: `sha256:${"1".repeat(64)}` } : tool,
    );
    await fixture.startWorker({ agentOptions: { tools: changed } });
    const again = await fixture.until(
      runId,
      ({ holds }) => holds.length === 3 && holds[2]?.status === "pending",
    );
    await expect(decideBy(session, again.holds[2])).rejects.toMatchObject({ code: "not_allowed" });
    expect(tools.done).toEqual([]);
  });

  test("arguments that do not fit its schema are refused, with the places; what waits no more is, too", async () => {
    const { runId, callId } = await heldRun();
    await expect(
      steer.amend(runId, callId, { arguments: { table: "users", count: -1 }, reason: "less" }),
    ).rejects.toMatchObject({
      code: "invalid_arguments",
      details: { errors: [{ path: "arguments.count" }] },
    });
    expect(await fixture.until(runId, () => true)).toMatchObject({ holds: [{ status: "pending" }] });
    const { agentHash, reviewerHash } = fixture.organisation;
    for (const credentialHash of [agentHash, reviewerHash])
      await expect(steer.amend(runId, callId, FEWER, { credentialHash })).rejects.toMatchObject({
        code: "not_allowed",
      });
    await fixture.approve(await fixture.until(runId, () => true));
    await fixture.ended(runId);
    await expect(steer.amend(runId, callId, FEWER)).rejects.toMatchObject({ code: "conflict" });
  });

  test("after the deadline it is too late, also before the sweeper has run (I6)", async () => {
    const { runId, callId } = await heldRun();
    await store().advance(24 * 60 * 60 * 1_000);
    await expect(steer.amend(runId, callId, FEWER)).rejects.toMatchObject({ code: "expired" });
  });

  test("amended twice, and repeated with the same key: one hold is open at the end", async () => {
    const { runId, callId } = await heldRun();
    await steer.amend(runId, callId, FEWER);
    const idempotency = { key: "k1", bodyHash: "b1" };
    const body = { ...FEWER, arguments: { table: "users", count: 1 } };
    const second = await steer.amend(runId, callId, body, { idempotency });
    expect(await steer.amend(runId, callId, body, { idempotency })).toMatchObject({ holdId: second.holdId });
    const run = await fixture.until(runId, () => true);
    expect(run.holds.map(({ status }) => status)).toEqual(["cancelled", "cancelled", "pending"]);
    await fixture.approve(run);
    await fixture.ended(runId);
    expect(tools.done).toMatchObject([{ arguments: { count: 1 } }]);
  });

  test("amended and approved at the same moment, 20 times: what was approved is what executes (I1, I3)", async () => {
    const executed = new Set<unknown>();
    for (let round = 0; round < 20; round++) {
      tools.done.length = 0;
      const { runId, callId } = await heldRun();
      const before = await fixture.until(runId, () => true);
      const [amended, approved] = await Promise.allSettled([
        steer.amend(runId, callId, FEWER),
        fixture.approve(before),
      ]);
      expect([amended.status, approved.status].toSorted()).toEqual(["fulfilled", "rejected"]);
      if (amended.status === "fulfilled") await fixture.approve(await fixture.holding(runId));
      await fixture.ended(runId);
      const count = amended.status === "fulfilled" ? 2 : 5;
      expect(tools.done).toMatchObject([{ arguments: { count } }]);
      executed.add(count);
    }
    expect(executed.size).toBeGreaterThan(0);
  });
});
