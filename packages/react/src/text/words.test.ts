import { expect, test } from "vitest";
import { formatAgo, formatDuration } from "./duration.ts";
import { splitUnseen, visible } from "./unseen.ts";

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
