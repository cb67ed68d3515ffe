import type { JsonObject } from "@holdpoint/protocol";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { titleOf, titleOfSignIn } from "./title.ts";

test.each<[string, JsonObject, string]>([
  ["delete_records", { table_name: "users", count: 50 }, "Delete records: table_name users, count 50"],
  ["refund", {}, "Refund"],
  ["sendEmail", { to: "a.b@example.com" }, "Send email: to a.b@example.com"],
  [
    "amorce.transaction",
    { total: 12.5, paid: false, note: null },
    "Amorce transaction: total 12.5, paid false, note null",
  ],
  [
    "pay",
    { to: { iban: "DE1", name: "X" }, lines: [1, 2] },
    'Pay: to {"iban":"DE1","name":"X"}, lines [1,2]',
  ],
])("%s %j", (name, values, title) => expect(titleOf({ name, arguments: values })).toBe(title));

describe("a value cannot pretend to be something else (I13)", () => {
  test("another argument", () => {
    expect(titleOf({ name: "pay", arguments: { to: "bob, amount 1", amount: 900 } })).toBe(
      'Pay: to "bob, amount 1", amount 900',
    );
    expect(titleOf({ name: "pay", arguments: { 'to bob, "x': 1 } })).toBe('Pay: "to bob, \\"x" 1');
  });

  test("another type", () => {
    expect(titleOf({ name: "pay", arguments: { a: "50", b: 50, c: "null", d: null, e: "" } })).toBe(
      'Pay: a "50", b 50, c "null", d null, e ""',
    );
  });

  test("text in another direction, or none", () => {
    expect(titleOf({ name: "pay", arguments: { to: "\u202eevil\u200b", n: "a\nb" } })).toBe(
      'Pay: to "\\u{202e}evil\\u{200b}", n "a\\nb"',
    );
  });
});

test("is bounded", () => {
  const many = Object.fromEntries(
    Array.from({ length: 20 }, (_, index) => [`name_${index}`, "x".repeat(1_000)]),
  );
  const title = titleOf({ name: "t", arguments: many });
  expect(title.length).toBeLessThanOrEqual(300);
  expect(titleOf({ name: "t", arguments: { a: 1, b: 2, c: 3, d: 4, e: 5, f: 6, g: 7, h: 8 } })).toBe(
    "T: a 1, b 2, c 3, d 4, e 5, f 6, and 2 more",
  );
});

test("no title has a character that cannot be seen, and none is empty", () => {
  const text = fc.string({ unit: "binary" });
  fc.assert(
    fc.property(
      text,
      fc.dictionary(text, fc.oneof(text, fc.jsonValue({ stringUnit: "binary" }))),
      (name, values) => {
        fc.pre(JSON.stringify([name, values]).isWellFormed() && !Object.hasOwn(values, "__proto__"));
        const title = titleOf({ name, arguments: values as JsonObject });
        expect(title).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/u);
        expect(title).not.toBe("");
        expect(title.isWellFormed()).toBe(true);
      },
    ),
  );
});

test("a sign-in is called the same wherever it comes from, and its provider's name hides nothing", () => {
  expect(titleOfSignIn("Google Calendar")).toBe("Allow access to Google Calendar");
  expect(titleOfSignIn("Goo\u202egle")).toBe("Allow access to Goo\\u{202e}gle");
});
