import { expect, test } from "vitest";
import { excerptOf } from "./excerpt.ts";

const shown = (text: string, query: string) =>
  excerptOf(text, query)
    .map((part) => (part.isMatch ? `[${part.text}]` : part.text))
    .join("");

test("a short text is shown whole, with the words marked", () => {
  expect(shown("Send the actionHash back.", "ACTIONHASH back")).toBe("Send the [actionHash] [back].");
});

test("a long text is cut around the first match", () => {
  const long = `${"before ".repeat(40)}the needle ${"after ".repeat(40)}`;
  const excerpt = shown(long, "needle");
  expect(excerpt).toMatch(/^… before .*\[needle\].*…$/);
  expect(excerpt.length).toBeLessThan(180);
});

test("what was typed is no pattern", () => {
  expect(shown("a.c and abc", "a.c (")).toBe("[a].[c] [a]nd [a]b[c]");
  expect(shown("words", "")).toBe("words");
});
