import { describe, expect, test } from "vitest";
import { lineOf, linesOfPaths } from "./json-places.ts";

const DOCUMENT = {
  rules: [
    { id: "a", tools: ["x", "y"], when: 'arguments.note == "a, {b}: [c]"' },
    { id: "b", effect: { route: { anyOf: [{ role: "manager" }, { group: "on call" }] } } },
  ],
  groups: { "on call": ["ada@example.com"], 'a"b': [], "": [] },
};

describe("the line of a place", () => {
  const text = JSON.stringify(DOCUMENT, null, 2);
  const lines = linesOfPaths(text);

  test.each([
    ["rules[0].id", '"id": "a"'],
    ["rules[0].tools[1]", '"y"'],
    ["rules[0].when", '"when"'],
    ["rules[1]", "{"],
    ["rules[1].effect.route.anyOf[1].group", '"group": "on call"'],
    ['groups["on call"]', '"on call": ['],
    ['groups["a\\"b"]', '"a\\"b"'],
  ])("%s", (path, words) => {
    expect(text.split("\n")[(lineOf(lines, path) ?? 0) - 1]).toContain(words);
  });

  test("of what is not there it is that of what is around it", () => {
    expect(lineOf(lines, "rules[1].effect.timeoutSeconds")).toBe(lineOf(lines, "rules[1].effect"));
    expect(lineOf(lines, "rules[9].when")).toBe(lineOf(lines, "rules"));
    expect(lineOf(lines, "tiers.sync_gate")).toBe(1);
  });

  test("is found however the text is laid out, and in text that breaks off", () => {
    const oneLine = linesOfPaths(JSON.stringify(DOCUMENT));
    expect(new Set(oneLine.values())).toEqual(new Set([1]));
    expect([...oneLine.keys()].toSorted()).toEqual([...lines.keys()].toSorted());
    expect(linesOfPaths(text.slice(0, 60)).get("rules[0].tools")).toBe(lines.get("rules[0].tools"));
  });
});
