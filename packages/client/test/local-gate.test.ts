import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { localGate, type LocalAuditEntry, type LocalGateOptions } from "../src/local/index.ts";

interface Refund {
  order: number;
  eur: number;
}
const ARGS = { order: 17, eur: 240 };
let folder: string;
let audit: string;
let executed: Refund[];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "holdpoint-local-"));
  audit = join(folder, "audit.jsonl");
  executed = [];
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
});

/** The gate of a process that has just been started. */
function refund(options: LocalGateOptions) {
  return localGate({ audit, log: () => {}, ...options })("refund", (args: Refund) => {
    executed.push(args);
    return { refunded: args.eur };
  });
}
function recorded(): LocalAuditEntry[] {
  const lines = readFileSync(audit, "utf8").trimEnd().split("\n");
  return lines.map((line) => JSON.parse(line) as LocalAuditEntry);
}

describe("a gate without a server", () => {
  test.each([
    ["a map", { where: new Map([["id", 5]]) }, "where: [object Map]"],
    ["a set", { ids: [new Set([5])] }, "0: [object Set]"],
    ["no number", { eur: Number.NaN }, "eur: [object Number]"],
    ["no end", { limit: Number.POSITIVE_INFINITY }, "limit: [object Number]"],
    ["no beginning", { limit: Number.NEGATIVE_INFINITY }, "limit: [object Number]"],
    ["a date", { until: new Date(0) }, "until: [object Date]"],
    ["bytes", { file: new Uint8Array([1]) }, "file: [object Uint8Array]"],
    ["a function", { undo: () => {} }, "undo: [object Function]"],
    ["a big integer", { order: 17n }, "order: [object BigInt]"],
  ])("asks nobody about what JSON would change unseen: %s", async (_, args, message) => {
    const executed = vi.fn();
    const gated = localGate({ audit, autoApprove: true })("delete_records", executed);
    await expect(gated(args)).rejects.toThrow(`JSON cannot carry ${message}`);
    expect(executed).not.toHaveBeenCalled();
  });

  test("takes what JSON leaves out or as it is", async () => {
    class Order {
      order = 17;
      note = undefined;
    }
    const args = { eur: -0.5, why: "Infinity", none: null, is: true, of: [new Order()], more: undefined };
    const gated = localGate({ audit, autoApprove: true })("refund", (given: typeof args) => given);
    expect(await gated(args)).toMatchObject({
      result: { eur: -0.5, why: "Infinity", none: null, is: true, of: [{ order: 17 }] },
    });
  });

  test("what follows half a line is a line of its own", async () => {
    writeFileSync(audit, '{"time":"2026-01-01T00:00:00.000Z","id":"a","ev'); // the disk was full
    const decide = vi.fn(() => ({ decision: "rejected" as const }));
    const gated = refund({ decide });
    await gated(ARGS, { idempotencyKey: "order-17" });
    const lines = readFileSync(audit, "utf8").trimEnd().split("\n").slice(1);
    expect(lines.map((line) => (JSON.parse(line) as LocalAuditEntry).event)).toEqual([
      "gate_presented",
      "rejected",
    ]);
  });

  test("a callback sees exactly what would run, and what it approves runs", async () => {
    const seen: unknown[] = [];
    const gated = refund({
      decide: ({ action, signal: _signal, id: _id, ...facts }) => {
        seen.push(action, facts);
        return { decision: "approved" };
      },
    });
    expect(
      await gated(ARGS, { impact: "high", value: ({ eur }) => eur, summary: "Refund it" }),
    ).toMatchObject({
      ran: true,
      outcome: "approved",
      result: { refunded: 240 },
    });
    expect(seen).toEqual([
      { name: "refund", arguments: ARGS },
      { summary: "Refund it", reversibility: null, impact: "high", value: 240 },
    ]);
    expect(recorded().map(({ event, by, result }) => [event, by, result])).toEqual([
      ["gate_presented", undefined, undefined],
      ["approved", "callback", undefined],
      ["executing", undefined, undefined],
      ["executed", undefined, { refunded: 240 }],
    ]);
  });

  test("changes are merged over the arguments, executed and recorded", async () => {
    const gated = refund({ decide: () => ({ decision: "modified", modifications: { eur: 100 } }) });
    expect(await gated(ARGS)).toMatchObject({
      ran: true,
      outcome: "modified",
      arguments: { order: 17, eur: 100 },
    });
    expect(executed).toEqual([{ order: 17, eur: 100 }]);
    expect(recorded().at(-1)?.action.arguments).toEqual({ order: 17, eur: 100 });
  });

  test.each([
    [
      "rejects",
      () => ({ decision: "rejected", reason: "too much" }),
      /rejected by reviewer. Reason: too much/,
    ],
    ["skips", () => ({ decision: "skipped" }), /skipped by reviewer/],
    ["throws", () => Promise.reject(new Error("x".repeat(200))), /Reason: Callback error: x{100}$/],
    ["answers nothing", () => undefined, /Callback returned invalid response type/],
    ["answers yes", () => true, /Callback returned invalid response type/],
    [
      "approves with changes",
      () => ({ decision: "approved", modifications: { eur: 1 } }),
      /invalid response type/,
    ],
    ["answers another word", () => ({ decision: "approve" }), /invalid response type/],
  ])("a callback that %s: nothing runs", async (_what, decide, reason) => {
    const outcome = await refund({ decide: decide as NonNullable<LocalGateOptions["decide"]> })(ARGS);
    expect(outcome).toMatchObject({ ran: false, reason: expect.stringMatching(reason) });
    expect(executed).toEqual([]);
  });

  test("nobody there to ask: rejected", async () => {
    const outcome = await refund({})(ARGS);
    expect(outcome).toMatchObject({
      ran: false,
      outcome: "rejected",
      reason: /No approval handler configured/,
    });
  });

  test.each(["HOLDPOINT_AUTO_APPROVE", "GLAIP_HITL_AUTO_APPROVE"])(
    "%s approves everything before a callback is asked, and an option overrides it",
    async (name) => {
      vi.stubEnv(name, "True");
      const decide = vi.fn(() => ({ decision: "rejected" }) as const);
      expect(await refund({ decide })(ARGS)).toMatchObject({ ran: true });
      expect(decide).not.toHaveBeenCalled();
      expect(recorded().map(({ event, by }) => [event, by])[1]).toEqual(["auto_proceeded", "auto-approve"]);
      expect(await refund({ decide, autoApprove: false })(ARGS)).toMatchObject({ ran: false });
      vi.stubEnv(name, "1");
      expect(await refund({ decide })(ARGS)).toMatchObject({ ran: false });
    },
  );

  test("I10: what cannot be recorded is not executed", async () => {
    const gated = refund({ audit: join(folder, "no", "such", "folder"), autoApprove: true });
    await expect(gated(ARGS)).rejects.toMatchObject({ code: "ENOENT" });
    expect(executed).toEqual([]);
  });

  test("what JSON cannot carry safely is refused before anybody is asked", async () => {
    const decide = vi.fn();
    await expect(refund({ decide })({ order: 2 ** 60, eur: 1 })).rejects.toMatchObject({
      code: "invalid_value",
    });
    expect(decide).not.toHaveBeenCalled();
  });

  test("what the function throws is recorded, and thrown on", async () => {
    const gated = localGate({ audit, autoApprove: true })("refund", () =>
      Promise.reject(new Error("broken")),
    );
    await expect(gated(ARGS)).rejects.toThrow("broken");
    expect(recorded().at(-1)).toMatchObject({ event: "failed", error: { message: "broken" } });
  });
});

describe("a local call that has a name", () => {
  const named = { idempotencyKey: "order-17" };

  test("runs once over restarts, its result is given again, and a no stays one", async () => {
    const decide = vi.fn(() => ({ decision: "approved" }) as const);
    expect(await refund({ decide })(ARGS, named)).toMatchObject({ ran: true, isRepeated: false });
    expect(await refund({ decide })(ARGS, named)).toMatchObject({
      ran: true,
      isRepeated: true,
      result: { refunded: 240 },
    });
    await refund({ decide: () => ({ decision: "rejected" }) })(ARGS, { idempotencyKey: "order-18" });
    expect(await refund({ decide })(ARGS, { idempotencyKey: "order-18" })).toMatchObject({ ran: false });
    expect(decide).toHaveBeenCalledTimes(1);
    expect(executed).toHaveLength(1);
    await expect(refund({ decide })({ ...ARGS, eur: 1 }, named)).rejects.toMatchObject({
      code: "idempotency_mismatch",
    });
  });

  test("of sixteen at once one runs", async () => {
    const outcomes = await Promise.all(
      Array.from({ length: 16 }, () => refund({ autoApprove: true })(ARGS, named)),
    );
    expect(executed).toHaveLength(1);
    expect(outcomes.filter((outcome) => outcome.ran && !outcome.isRepeated)).toHaveLength(1);
  });

  test("one that died in the middle is not started again", async () => {
    const dying = localGate({ audit, autoApprove: true })("refund", () => new Promise(() => {}));
    void dying(ARGS, named);
    await vi.waitFor(() => expect(recorded().at(-1)?.event).toBe("executing"));
    expect(await refund({ autoApprove: true })(ARGS, named)).toMatchObject({
      ran: false,
      outcome: "executing",
    });
    expect(executed).toEqual([]);
  });
});
