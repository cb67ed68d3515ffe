import { startHoldpoint, type TestHoldpoint } from "@holdpoint/testing";
import type { Holdpoint } from "holdpoint";
import { afterAll, beforeAll, expect, test } from "vitest";
import config from "./holdpoint.config.ts";
import { INVOICE_COUNT } from "./invoices-table.ts";

// The whole list through the public door, on the embedded database.
let holdpoint: TestHoldpoint;
let client: Holdpoint;

beforeAll(async () => {
  process.env["LONG_JOB_PACE_MS"] = "0";
  holdpoint = await startHoldpoint({ config });
  ({ client } = holdpoint);
});
afterAll(async () => {
  await holdpoint.stop();
  delete process.env["LONG_JOB_PACE_MS"];
});

test("every overdue invoice is reminded once, but the two that a person waives", async () => {
  let run = await client.runs.startAndWait("reminder_clerk", { input: "Remind everybody who is overdue" });
  for (const percent of [100, 50]) {
    expect(run.status).toBe("holding");
    const hold = run.holds.find(({ status }) => status === "pending");
    expect(hold?.action?.name).toBe("waive_invoice");
    expect(hold?.evidence[0]).toMatchObject({
      title: "Invoice",
      text: expect.stringMatching(/owes .* days/),
    });
    await client.holds.decide(hold?.id ?? "", {
      verdict: percent === 100 ? "approve" : "modify",
      actionHash: hold?.action?.hash,
      ...(percent !== 100 && { modifications: { percent } }),
    });
    run = await client.runs.wait(run.id);
  }
  expect(run).toMatchObject({
    status: "completed",
    output: `The list is done. ${INVOICE_COUNT - 2} reminders were sent, 2 invoices waived.`,
  });
  const reminded = run.toolCalls.filter(({ name }) => name === "send_reminder");
  const ids = reminded.map(({ arguments: args }) => (args as { invoice_id: number }).invoice_id);
  expect(new Set(ids).size).toBe(INVOICE_COUNT - 2);
  expect(reminded.every(({ status, attempt }) => status === "succeeded" && attempt === 1)).toBe(true);
  const waived = run.toolCalls.filter(({ name }) => name === "waive_invoice");
  expect(waived.map(({ result }) => result)).toEqual([{ waived_percent: 100 }, { waived_percent: 50 }]);
});

test("what was handed out is not handed out again: a second run finds nothing to do", async () => {
  const run = await client.runs.startAndWait("reminder_clerk", { input: "Remind everybody who is overdue" });
  expect(run).toMatchObject({
    status: "completed",
    output: "The list is done. 0 reminders were sent, 0 invoices waived.",
  });
});
