import { expect, test } from "vitest";
import { formatAgo, formatDuration, splitUnseen, visible } from "@holdpoint/react/words";
import { effectOf, headlineOf, isDefaultTitle } from "./effect.ts";

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

test("a headline begins with a capital; a title made of the facts is known as such", () => {
  const action = { name: "delete_records", arguments: { table_name: "users", count: 50 } };
  expect(headlineOf(action)).toBe("Delete 50 records");
  expect(isDefaultTitle("Delete records: table_name users, count 50", action)).toBe(true);
  expect(isDefaultTitle("Delete records. Trust me.", action)).toBe(false);
});

test.each([
  [0, "0 s"],
  [59_999, "59 s"],
  [252_000, "4 min 12 s"],
  [300_000, "5 min"],
  [7_500_000, "2 h 5 min"],
  [90_000_000, "1 day 1 h"],
  [31_536_000_000, "365 days"],
  [-5, "0 s"],
])("%d ms left is %s", (ms, text) => expect(formatDuration(ms)).toBe(text));

test.each([
  [0, "just now"],
  [4_000, "4 s ago"],
  [86_400_000, "1 day ago"],
])("%d ms is %s", (ms, text) => expect(formatAgo(ms)).toBe(text));

test("what cannot be seen is written out; an emoji and line ends of prose stay", () => {
  expect(visible("a\u202eb\u200bc\u0000\u00ad")).toBe("a\\u{202e}b\\u{200b}c\\u{0}\\u{ad}");
  expect(visible("a\u00a0b")).toBe("a\\u{a0}b");
  expect(visible("a\u00a0b\r\nc\td\u2066", { isProse: true })).toBe("a\u00a0b\nc\td\\u{2066}");
  expect(visible("👩‍💻 ☎️", { isProse: true })).toBe("👩‍💻 ☎️");
  expect(splitUnseen("a\u202eb").map((piece) => piece.isEscape)).toEqual([false, true, false]);
  expect(splitUnseen("")).toEqual([{ text: "", isEscape: false }]);
});
