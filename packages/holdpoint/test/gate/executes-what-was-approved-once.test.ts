import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { createInterface } from "node:readline";
import {
  ApprovalTimeoutError,
  HoldpointApiError,
  HoldpointConnectionError,
  NotExecutedError,
  RejectedError,
} from "@holdpoint/client";
import { HoldpointError, type Hold } from "@holdpoint/protocol";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { GateService, type Network } from "./gate-service.ts";

interface Refund {
  order: number;
  eur: number;
}
let service: GateService;
beforeAll(async () => {
  service = await GateService.start();
});
afterAll(async () => {
  await service[Symbol.asyncDispose]();
});

/** A refund that counts. */
function counted() {
  const executed: Refund[] = [];
  const refund = (args: Refund) => {
    executed.push(args);
    return { refunded: args.eur };
  };
  return { executed, refund };
}
/** Loses the nth answer of requests to such a path: the service has done it, and nobody hears. */
function losing(lost: RegExp, count = 1): Network {
  let left = count;
  return async (path, send) => {
    const response = await send();
    if (!lost.test(path) || left-- <= 0) return response;
    await response.arrayBuffer();
    throw new TypeError("fetch failed");
  };
}
const ARGS = { order: 17, eur: 240 };

describe("a gate over the service", () => {
  test("executes what was approved, and reports it", async () => {
    const { executed, refund } = counted();
    const gated = service.agent().gate("refund", refund, { summary: ({ order }) => `Refund order ${order}` });
    const outcome = await gated(ARGS, { onWaiting: service.deciding({ verdict: "approve" }) });
    expect(outcome).toMatchObject({
      ran: true,
      outcome: "approved",
      result: { refunded: 240 },
      arguments: ARGS,
      isRepeated: false,
      isReported: true,
    });
    expect(executed).toEqual([ARGS]);
    const hold = await service.operator.holds.get(outcome.hold?.id ?? "");
    expect(hold).toMatchObject({
      summary: "Refund order 17",
      fulfilment: "executed",
      execution: { status: "succeeded", result: { refunded: 240 } },
    });
    expect(await service.log(hold.id)).toEqual([
      "hold.created",
      "hold.decided",
      "action.executing",
      "action.executed",
    ]);
  });

  test("I1: executes what the reviewer made of it, and the caller's object counts no more once it was asked about", async () => {
    const { executed, refund } = counted();
    const args = { ...ARGS };
    const outcome = await service.agent().gate("refund", refund)(args, {
      onWaiting: (hold) => {
        args.eur = 9_999;
        void service.decide(hold, { verdict: "modify", modifications: { eur: 100 } });
      },
    });
    expect(outcome).toMatchObject({ ran: true, outcome: "modified", arguments: { order: 17, eur: 100 } });
    expect(executed).toEqual([{ order: 17, eur: 100 }]);
  });

  test("what the policy lets through runs, and nobody is asked", async () => {
    const { executed, refund } = counted();
    const outcome = await service.agent().gate("add_tag", refund, { reversibility: "reversible" })(ARGS);
    expect(outcome).toMatchObject({ ran: true, outcome: "auto_proceeded", hold: null });
    expect(executed).toHaveLength(1);
  });

  test.each([
    [
      { verdict: "reject", comment: "too much" } as const,
      "rejected",
      /rejected by reviewer. Reason: too much/,
    ],
    [{ verdict: "skip" } as const, "skipped", /skipped by reviewer and not executed/],
  ])("%j is a value, and nothing runs", async (decision, outcome, reason) => {
    const { executed, refund } = counted();
    const answered = await service.agent().gate("refund", refund)(ARGS, {
      onWaiting: service.deciding(decision),
    });
    expect(answered).toMatchObject({ ran: false, outcome, reason: expect.stringMatching(reason) });
    expect(executed).toEqual([]);
  });

  test("withdrawn by an operator, and by the clock", async () => {
    const { executed, refund } = counted();
    const gated = service.agent().gate("refund", refund);
    const cancelled = await gated(ARGS, {
      onWaiting: (hold) => void service.operator.holds.cancel(hold.id, "not today"),
    });
    expect(cancelled).toMatchObject({ ran: false, outcome: "cancelled", reason: /not today/ });
    const expired = await gated(ARGS, { timeoutSeconds: 1 });
    expect(expired).toMatchObject({ ran: false, outcome: "expired", reason: /nobody decided in time/ });
    expect(executed).toEqual([]);
  });

  test("for those who prefer errors, each no is one, and its kind is known without instanceof", async () => {
    const gated = service.agent().gate("refund", counted().refund, { throws: true });
    await expect(gated(ARGS, { onWaiting: service.deciding({ verdict: "approve" }) })).resolves.toEqual({
      refunded: 240,
    });
    const rejected = await gated(ARGS, {
      onWaiting: service.deciding({ verdict: "reject", comment: "no" }),
    }).catch((error: unknown) => error);
    expect(rejected).toMatchObject({ code: "rejected", outcome: "rejected", message: /Reason: no/ });
    const expired = await gated(ARGS, { timeoutSeconds: 1 }).catch((error: unknown) => error);
    expect(expired).toMatchObject({ message: /^Approval request hold_\w+ timed out$/ });
    const kinds = [HoldpointError, NotExecutedError, RejectedError, ApprovalTimeoutError, HoldpointApiError];
    expect(kinds.map((kind) => kind.isInstance(rejected))).toEqual([true, true, true, false, false]);
    expect(kinds.map((kind) => kind.isInstance(expired))).toEqual([true, true, false, true, false]);
  });

  test("what the function throws is reported, and thrown on", async () => {
    const broken = new Error("the bank said no");
    let asked: Hold | undefined;
    const gated = service.agent().gate("refund", () => Promise.reject(broken));
    const call = gated(ARGS, {
      onWaiting: (hold) => {
        asked = hold;
        void service.decide(hold, { verdict: "approve" });
      },
    });
    await expect(call).rejects.toBe(broken);
    expect(await service.operator.holds.get(asked?.id ?? "")).toMatchObject({
      fulfilment: "failed",
      execution: { status: "failed", error: { message: "the bank said no" } },
    });
  });

  test("a result that the service cannot keep is the caller's all the same", async () => {
    const huge = { text: "x".repeat(1_100_000), itself: 1n };
    const outcome = await service.agent().gate("refund", () => huge)(ARGS, {
      onWaiting: service.deciding({ verdict: "approve" }),
    });
    expect(outcome).toMatchObject({ ran: true, isReported: true });
    const large = await service.agent().gate("refund", () => huge.text)(ARGS, {
      onWaiting: service.deciding({ verdict: "approve" }),
    });
    expect(large).toMatchObject({ ran: true, isReported: true });
    expect((await service.operator.holds.get(large.hold?.id ?? "")).fulfilment).toBe("executed");
  });

  test("a request that does not fit, and a server that is away: thrown, and nothing runs", async () => {
    const { executed, refund } = counted();
    const misfit = service.agent().gate("", refund)(ARGS);
    await expect(misfit).rejects.toMatchObject({ code: "invalid_request" });
    const away = service
      .agent(undefined, { url: "http://127.0.0.1:9", maxRetries: 0 })
      .gate("refund", refund);
    expect(HoldpointConnectionError.isInstance(await away(ARGS).catch((error: unknown) => error))).toBe(true);
    expect(executed).toEqual([]);
  });

  test("whoever stops waiting takes the question back", async () => {
    const { executed, refund } = counted();
    const abort = new AbortController();
    let asked: Hold | undefined;
    const call = service.agent().gate("refund", refund)(ARGS, {
      signal: abort.signal,
      onWaiting: (hold) => {
        asked = hold;
        abort.abort(new Error("enough"));
      },
    });
    await expect(call).rejects.toThrow("enough");
    expect((await service.operator.holds.wait(asked?.id ?? "")).status).toBe("cancelled");
    expect(executed).toEqual([]);
  });
});

describe("I2: a call that has a name is executed once", () => {
  test.each([
    ["the question", /^\/v1\/holds$/],
    ["the decision", /\/wait$/],
    ["the claim", /\/claim-execution$/],
    ["the report", /\/execution$/],
  ])("over a lost answer to %s", async (_what, path) => {
    const { executed, refund } = counted();
    const before = (await service.operator.holds.page({ q: "refund", limit: 200 })).data.length;
    const gated = service.agent(losing(path, 2)).gate("refund", refund);
    const outcome = await gated(ARGS, { onWaiting: service.deciding({ verdict: "approve" }) });
    expect(outcome).toMatchObject({ ran: true, isReported: true });
    expect(executed).toHaveLength(1);
    expect((await service.operator.holds.page({ q: "refund", limit: 200 })).data).toHaveLength(before + 1);
  });

  test("over a lost answer to what may proceed by itself", async () => {
    const { executed, refund } = counted();
    const gated = service
      .agent(losing(/^\/v1\/holds$/, 2))
      .gate("add_tag", refund, { reversibility: "reversible" });
    expect(await gated(ARGS, { idempotencyKey: "lost-1" })).toMatchObject({ ran: true });
    expect(executed).toHaveLength(1);
  });

  test("over a restart: the recorded result is given again, and changed arguments are refused", async () => {
    const { executed, refund } = counted();
    const options = { idempotencyKey: "order-17-refund" };
    const first = await service.agent().gate("refund", refund)(ARGS, {
      ...options,
      onWaiting: service.deciding({ verdict: "approve" }),
    });
    const again = await service.agent().gate("refund", refund)(ARGS, options);
    expect(again).toMatchObject({ ran: true, isRepeated: true, result: { refunded: 240 } });
    expect(again.hold?.id).toBe(first.hold?.id);
    await expect(
      service.agent().gate("refund", refund)({ ...ARGS, eur: 241 }, options),
    ).rejects.toMatchObject({ code: "idempotency_mismatch" });
    expect(executed).toHaveLength(1);
  });

  test("over a restart of what had proceeded by itself, and of what had failed", async () => {
    const { executed, refund } = counted();
    const easy = { idempotencyKey: "tag-1", reversibility: "reversible" } as const;
    await service.agent().gate("add_tag", refund)(ARGS, easy);
    expect(await service.agent().gate("add_tag", refund)(ARGS, easy)).toMatchObject({
      ran: false,
      outcome: "unknown",
    });
    const failing = service.agent().gate("refund", (args: Refund) => {
      refund(args);
      throw new Error("broken");
    });
    const hard = { idempotencyKey: "fails-1", onWaiting: service.deciding({ verdict: "approve" }) };
    await expect(failing(ARGS, hard)).rejects.toThrow("broken");
    expect(await failing(ARGS, { idempotencyKey: "fails-1" })).toMatchObject({
      ran: false,
      outcome: "failed",
    });
    expect(executed).toHaveLength(2);
  });

  test("of sixteen processes that wait for the same call one executes it, and the others are told", async () => {
    const { executed, refund } = counted();
    const options = { idempotencyKey: "race-1" };
    let isDecided = false;
    const onWaiting = (hold: Hold) => {
      if (isDecided) return;
      isDecided = true;
      void service.decide(hold, { verdict: "approve" });
    };
    const outcomes = await Promise.all(
      Array.from({ length: 16 }, () =>
        service.agent().gate("refund", refund)(ARGS, { ...options, onWaiting }),
      ),
    );
    expect(executed).toHaveLength(1);
    expect(outcomes.filter((outcome) => outcome.ran && !outcome.isRepeated)).toHaveLength(1);
    const others = outcomes.filter((outcome) => !outcome.ran || outcome.isRepeated);
    expect(others.every((outcome) => outcome.ran || outcome.outcome === "executing")).toBe(true);
  });

  test("a process that is killed in the middle: its call is not started again, and that is said", async () => {
    const folder = mkdtempSync(join(tmpdir(), "holdpoint-killed-gate-"));
    const effects = join(folder, "effects");
    const argv = [
      fileURLToPath(new URL("gated-process.ts", import.meta.url)),
      service.url,
      service.agentKey,
      "killed-1",
      effects,
    ];
    const child = spawn(process.execPath, argv, { stdio: ["ignore", "pipe", "inherit"] });
    try {
      const lines = createInterface({ input: child.stdout });
      const [asked] = (await once(lines, "line")) as [string];
      await service.decide(await service.operator.holds.get(asked), { verdict: "approve" });
      const [executing] = (await once(lines, "line")) as [string];
      expect(executing).toBe("executing");
      child.kill("SIGKILL");
      await once(child, "exit");
      const { executed, refund } = counted();
      const again = await service.agent().gate("refund", refund)(ARGS, { idempotencyKey: "killed-1" });
      expect(again).toMatchObject({ ran: false, outcome: "executing", reason: /It is not started again/ });
      expect(executed).toEqual([]);
      expect(readFileSync(effects, "utf8")).toBe("refunded 240\n");
    } finally {
      child.kill("SIGKILL");
      rmSync(folder, { recursive: true });
    }
  });

  test("an approval that counts no more at the claim is refused, and nothing runs", async () => {
    const { executed, refund } = counted();
    const stopped = await service
      .agent(async (path, send) => {
        if (path.endsWith("/claim-execution")) await service.operator.tools.hold("refund", "it runs wild");
        return send();
      })
      .gate("refund", refund)(ARGS, { onWaiting: service.deciding({ verdict: "approve" }) });
    await service.operator.tools.release("refund");
    expect(stopped).toMatchObject({ ran: false, outcome: "refused", reason: /approved and not executed/ });
    expect(executed).toEqual([]);
  });
});

describe("approvals, step by step", () => {
  const refund = { action: { name: "refund", arguments: ARGS }, summary: "Refund order 17" };

  test("asked, waited for, redeemed once, reported", async () => {
    const { approvals, holds } = service.agent();
    const request = await approvals.request(refund);
    await service.decide(request.hold, { verdict: "approve" });
    expect(await request.wait()).toBe("approved");
    expect((await holds.claim(request.id)).action.arguments).toEqual(ARGS);
    await expect(holds.claim(request.id)).rejects.toMatchObject({ code: "already_redeemed" });
    expect(await holds.reportExecution(request.id, { status: "succeeded" })).toMatchObject({
      fulfilment: "executed",
    });
    const second = await approvals.request(refund);
    await holds.cancel(second.id, "changed my mind");
    expect((await holds.get(second.id)).status).toBe("cancelled");
  });

  test("also what the policy would let through is asked about", async () => {
    const id = await service.agent().approvals.submit({
      action: { name: "add_tag", arguments: {}, reversibility: "reversible" },
    });
    expect((await service.operator.holds.get(id)).status).toBe("pending");
  });

  test("a decision has its status and what was changed", async () => {
    const { approvals } = service.agent();
    const id = await approvals.submit(refund);
    const waiting = approvals.waitForDecision(id);
    const hold = await service.operator.holds.get(id);
    await service.decide(hold, { verdict: "modify", modifications: { eur: 100 } });
    expect(await waiting).toMatchObject({
      status: "modified",
      modifications: { eur: 100 },
      arguments: { eur: 100 },
    });
    const other = await approvals.submit(refund);
    await service.decide(await service.operator.holds.get(other), { verdict: "reject", comment: "no" });
    expect(await approvals.waitForDecision(other)).toMatchObject({
      status: "rejected",
      modifications: {},
      arguments: null,
      comment: "no",
    });
  });

  test("R43: when the time is over it is over for everybody, and the error says so", async () => {
    const { approvals } = service.agent();
    const id = await approvals.submit(refund);
    const late = approvals.waitForDecision(id, { timeoutSeconds: 0 });
    await expect(late).rejects.toThrow(`Approval request ${id} timed out`);
    const hold = await service.operator.holds.get(id);
    await expect(service.decide(hold, { verdict: "approve" })).rejects.toMatchObject({ status: 409 });
    await expect(approvals.waitForDecision(id)).rejects.toMatchObject({ code: "expired" });
    await approvals.expire(id);
  });

  test("a decision that came first counts, whatever the waiter's clock says", async () => {
    const { approvals } = service.agent(async (path, send) => {
      // Decided after the last look, and before it is taken back.
      if (path.endsWith("/cancel")) {
        await service.decide(await service.operator.holds.get(id), { verdict: "approve" });
      }
      return send();
    });
    const id = await approvals.submit(refund);
    expect(await approvals.waitForDecision(id, { timeoutSeconds: 0 })).toMatchObject({ status: "approved" });
  });
});
