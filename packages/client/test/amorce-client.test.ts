import { expect, test } from "vitest";
import { AmorceClient, ApprovalRequiredError } from "../src/amorce/index.ts";
import { ScriptedServer, sendJson } from "./scripted-server.ts";

test("asked, approved, and only then finished: the wire as Amorce has it", async () => {
  let status = "none";
  let looks = 0;
  await using server = await ScriptedServer.start((request, response) => {
    if (request.path === "/api/v1/approvals") {
      status = "pending";
      return sendJson(response, 201, { approval_id: "apr_1", status });
    }
    if (request.path.endsWith("/submit")) {
      status = "approved";
      return sendJson(response, 200, { approval_id: "apr_1", status, approved_at: "2026-08-01T12:00:00Z" });
    }
    if (request.path.endsWith("/apr_1")) {
      return sendJson(response, 200, { approval_id: "apr_1", status: looks++ === 0 ? "pending" : status });
    }
    return status === "approved"
      ? sendJson(response, 200, { transaction_id: "tx_1", status: "success", result: { table: 4 } })
      : sendJson(response, 403, {
          error: "Approval required",
          code: "FORBIDDEN",
          requires_hitl: true,
          transaction_id: "tx_1",
          details: {},
        });
  });
  const agent = new AmorceClient({ url: server.url, apiKey: "hpa_x", agentId: "travel" });
  const booking = { serviceContract: { service_id: "table" }, payload: { intent: "confirm", seats: 4 } };
  const refused: unknown = await agent.transact(booking).catch((error: unknown) => error);
  expect(ApprovalRequiredError.isInstance(refused)).toBe(true);
  expect(refused).toMatchObject({ message: "Approval required", transactionId: "tx_1" });
  const id = await agent.requestApproval({ transactionId: "tx_1", summary: "Book", details: { seats: 4 } });
  const person = new AmorceClient({ url: server.url, apiKey: "hpo_x" });
  await person.submitApproval({
    approvalId: id,
    decision: "approve",
    approvedBy: "ada",
    comments: "sounds good",
  });
  expect(await agent.waitForApproval(id, { pollMs: 0 })).toMatchObject({ status: "approved" });
  expect(await agent.transact({ ...booking, transactionId: "tx_1" })).toMatchObject({ result: { table: 4 } });
  expect(server.received.map(({ method, path, body }) => [method, path, body])).toEqual([
    [
      "POST",
      "/api/v1/a2a/transact",
      { consumer_agent_id: "travel", service_id: "table", payload: booking.payload },
    ],
    [
      "POST",
      "/api/v1/approvals",
      { transaction_id: "tx_1", summary: "Book", details: { seats: 4 }, timeout_seconds: 300 },
    ],
    [
      "POST",
      "/api/v1/approvals/apr_1/submit",
      { decision: "approve", approved_by: "ada", comments: "sounds good" },
    ],
    ["GET", "/api/v1/approvals/apr_1", undefined],
    ["GET", "/api/v1/approvals/apr_1", undefined],
    [
      "POST",
      "/api/v1/a2a/transact",
      { consumer_agent_id: "travel", service_id: "table", payload: booking.payload, transaction_id: "tx_1" },
    ],
  ]);
});

test("another refusal is what it is", async () => {
  await using server = await ScriptedServer.start((_request, response) =>
    sendJson(response, 404, { error: "No such service", code: "NOT_FOUND", details: {} }),
  );
  const agent = new AmorceClient({ url: server.url, apiKey: "hpa_x" });
  await expect(agent.transact({ serviceContract: { service_id: "x" }, payload: {} })).rejects.toMatchObject({
    code: "NOT_FOUND",
    status: 404,
    message: "No such service",
  });
});
