import { expect, test } from "vitest";
import { describeAction } from "./description.ts";

test("says what will happen, and how much depends on it (R48)", () => {
  const action = { name: "delete_records", arguments: { table_name: "users", count: 50 } };
  expect(describeAction({ ...action, reversibility: "irreversible", impact: "high" })).toBe(
    "Delete records: table_name users, count 50. It cannot be taken back. Impact: high.",
  );
  expect(
    describeAction({ ...action, reversibility: "partially_reversible", impact: "medium", value: 0 }),
  ).toBe(
    "Delete records: table_name users, count 50. Value: 0. It can be taken back in part. Impact: medium.",
  );
  expect(describeAction({ name: "ask", arguments: {}, reversibility: null, impact: null })).toBe("Ask.");
});

test("a title that was cut ends once", () => {
  const long = {
    name: "note",
    arguments: { a: "x.", b: "y".repeat(500) },
    reversibility: null,
    impact: null,
  };
  expect(describeAction(long)).not.toContain("..");
});
