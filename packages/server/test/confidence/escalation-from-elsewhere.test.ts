import type { Hold } from "@holdpoint/protocol";
import { afterEach, beforeEach, expect, test } from "vitest";
import { describeEachStore } from "../../src/testing/stores.ts";
import { startTestService, type TestService } from "../../src/testing/test-service.ts";

describeEachStore("a result that an agent elsewhere is not sure of", (store) => {
  let service: TestService;
  beforeEach(async () => {
    service = await startTestService(store());
  });
  afterEach(() => service.stop());

  const RESULT = { task: "What was the turnover?", result: "4 million?", confidence: 0.42 };

  async function escalate(more: object = {}): Promise<{ status: number; body: Hold }> {
    return service.call("POST", "/v1/holds", {
      key: service.agentKey,
      body: { kind: "escalation", ...RESULT, ...more },
    });
  }

  test.each([
    [{}, 0.65, { rule: "confidence", text: "Confidence 0.42 below threshold 0.65" }],
    [{ stake: "high" }, 0.85, { rule: "confidence", text: "Confidence 0.42 below threshold 0.85" }],
    [
      { stake: "high", threshold: 0.5 },
      0.5,
      { rule: "confidence", text: "Confidence 0.42 below threshold 0.5" },
    ],
    [{ stake: "low" }, 0.4, { rule: "asked", text: "The agent asks, though its confidence is enough." }],
    [{ reason: "Two tables disagree." }, 0.65, { rule: "escalated", text: "Two tables disagree." }],
  ])("with %j has threshold and reason (R73, R74)", async (more, threshold, reason) => {
    const { status, body } = await escalate(more);
    expect({ status, question: body.question, reasons: body.reasons, tier: body.tier }).toEqual({
      status: 201,
      question: { type: "escalation", ...RESULT, threshold },
      reasons: [reason],
      tier: "escalation",
    });
  });

  test.each(["task", "result", "confidence"])("needs its %s", async (member) => {
    const { status, body } = await escalate({ [member]: undefined });
    expect(status).toBe(422);
    expect(body).toMatchObject({ code: "invalid_request", errors: [{ path: member }] });
  });

  test("belongs to escalations only: a stake of an action is a mistake", async () => {
    const { status } = await service.call("POST", "/v1/holds", {
      key: service.agentKey,
      body: { action: { name: "refund" }, stake: "low" },
    });
    expect(status).toBe(422);
  });

  test.each([
    ["approve", { verdict: "approve" }, { status: "approved" }],
    [
      "edit",
      { verdict: "modify", modifications: { result: "4.2 million" } },
      { status: "modified", outcome: { arguments: { result: "4.2 million" } } },
    ],
    [
      "send back",
      { verdict: "answer", answer: { guidance: "Name the table." } },
      { status: "answered", outcome: { answer: { guidance: "Name the table." } } },
    ],
    ["reject", { verdict: "reject", comment: "No." }, { status: "rejected", outcome: { comment: "No." } }],
  ])("is decided by %s", async (_, decision, decided) => {
    const { body } = await escalate();
    const answer = await service.call("POST", `/v1/holds/${body.id}/decisions`, { body: decision });
    expect(answer.status).toBe(200);
    expect(answer.body).toMatchObject(decided);
  });
});
