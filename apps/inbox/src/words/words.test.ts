import { expect, test } from "vitest";
import { effectOf, headlineOf, isDefaultTitle, pressOf } from "./effect.ts";
import { lookOf, silenceOf } from "./hold-words.ts";

test.each([
  ["delete_records", { table_name: "users", count: 50 }, "delete 50 records"],
  ["delete_records", { count: 1 }, "delete 1 record"],
  ["refund", { order: 17, eur: 240 }, "refund EUR 240"],
  ["refund_order", { order: 17, eur: 240 }, "refund order, EUR 240"],
  ["send_payment", { amount: 3, currency: "sek" }, "send payment, SEK 3"],
  ["refund_order", { count: 200 }, "refund order, count 200"],
  ["refund_order", { count: 1 }, "refund 1 order"],
  ["add_address", { quantity: 2 }, "add address, quantity 2"],
  ["payOut", { amount: 3.5, currency: "sek" }, "pay out, SEK 3.5"],
  ["send_notification", { user_id: 7, message: "count 50" }, "send notification"],
  ["x", {}, "x"],
  ["evil\u202e", {}, "evil\\u{202e}"],
  ["a".repeat(100), {}, `${"a".repeat(59)}…`],
])("%s %j would %s", (name, values, effect) => expect(effectOf({ name, arguments: values })).toBe(effect));

test.each([
  ["delete_records", { count: 50 }, "Approve and delete 50 records"],
  ["send_email", { to: "ada@example.com" }, "Approve and send email"],
  ["amorce.transaction", { amount: 120, currency: "EUR" }, "Approve: amorce transaction, EUR 120"],
  ["refund", { eur: 240 }, "Approve and refund EUR 240"],
  ["sendEmail", {}, "Approve and send email"],
  ["user.created", { count: 2 }, "Approve: user created, count 2"],
  ["order_refund", {}, "Approve: order refund"],
  ["x", {}, "Approve: x"],
])("the button of %s %j: %s", (name, values, words) =>
  expect(pressOf("Approve", { name, arguments: values })).toBe(words),
);

test("of a vote that is not enough the button promises nothing", () => {
  const action = { name: "delete_records", arguments: { count: 50 } };
  expect(pressOf("Approve as 1 of 2", action, { isEnough: false })).toBe(
    "Approve as 1 of 2: delete 50 records",
  );
});

test("a headline begins with a capital; a title made of the facts is known as such", () => {
  const action = { name: "delete_records", arguments: { table_name: "users", count: 50 } };
  expect(headlineOf(action)).toBe("Delete 50 records");
  expect(isDefaultTitle("Delete records: table_name users, count 50", action)).toBe(true);
  expect(isDefaultTitle("Delete records. Trust me.", action)).toBe(false);
});

test.each([
  [null, "Waits for a decision"],
  [{ type: "choice" }, "Waits for an answer"],
  [{ type: "authorization" }, "Waits for the sign-in"],
  [{ type: "escalation" }, "Waits for a decision"],
])("what asks %j says whose word it waits for", (question, word) => {
  const hold = { fulfilment: "none", question } as const;
  expect(lookOf({ ...hold, status: "pending" }).word).toBe(word);
  expect(lookOf({ ...hold, status: "rejected" }).word).toBe("Rejected");
});

test("silence on a sign-in is nobody's decision", () => {
  const hold = { onTimeout: "reject", question: { type: "authorization" }, runId: "run_1" } as const;
  expect(silenceOf({ ...hold, kind: "authorization" })).toMatch(/^If they do not sign in, it expires/);
  expect(silenceOf({ ...hold, kind: "clarification" })).toMatch(/^If nobody answers, it expires/);
});
