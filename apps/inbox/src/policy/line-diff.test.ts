import * as fc from "fast-check";
import { expect, test } from "vitest";
import { countChanges, diffLines } from "./line-diff.ts";

const text = fc
  .array(fc.constantFrom("a", "b", "c", "{", "}"), { maxLength: 30 })
  .map((lines) => lines.join("\n"));

test("what is kept and taken out is the old text, what is kept and put in the new one", () => {
  fc.assert(
    fc.property(text, text, (before, after) => {
      const lines = diffLines(before, after);
      const without = (kind: string) => lines.filter((line) => line.kind !== kind).map((line) => line.text);
      expect(without("added").join("\n")).toBe(before);
      expect(without("removed").join("\n")).toBe(after);
    }),
    { numRuns: 500 },
  );
});

test("no fewer lines would do", () => {
  fc.assert(
    fc.property(text, text, (before, after) => {
      const [from, to] = [before.split("\n"), after.split("\n")];
      expect(countChanges(diffLines(before, after))).toBe(
        from.length + to.length - 2 * longestCommon(from, to),
      );
    }),
  );
});

test("one more rule is a few lines, not the whole document", () => {
  const rules = Array.from({ length: 500 }, (_, index) => ({ id: `rule_${index}`, tools: ["x"] }));
  const before = JSON.stringify({ rules }, null, 2);
  const after = JSON.stringify({ rules: rules.toSpliced(250, 0, { id: "new", tools: ["y"] }) }, null, 2);
  const lines = diffLines(before, after).filter(({ kind }) => kind !== "same");
  expect(lines.every(({ kind }) => kind === "added")).toBe(true);
  expect(lines).toHaveLength(6);
});

function longestCommon(from: readonly string[], to: readonly string[]): number {
  const row = Array.from({ length: to.length + 1 }, () => 0);
  for (const line of from) {
    let diagonal = 0;
    for (let at = 1; at <= to.length; at++) {
      const above = row[at] ?? 0;
      row[at] = line === to[at - 1] ? diagonal + 1 : Math.max(above, row[at - 1] ?? 0);
      diagonal = above;
    }
  }
  return row.at(-1) ?? 0;
}
