import type { JsonObject } from "@holdpoint/protocol";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { checkConditionTypes, conditionCompiler } from "./condition.ts";
import { conditionFacts } from "./condition-facts.ts";
import { ConditionError } from "./condition-limits.ts";
import type { PolicyFacts } from "./evaluation.ts";

const compile = conditionCompiler();
const args = {
  count: 60,
  amount: 99.5,
  whole: 100,
  big: 9_007_199_254_740_991,
  note: null,
  name: "Ann O'Hara",
  list: [1, 2.5, 100],
  lines: [
    { price: 10, tags: ["a"] },
    { price: 200, tags: ["b", "c"] },
  ],
  nested: { flag: true },
};
const facts: PolicyFacts = {
  action: { name: "pay", arguments: args, value: 100, handles: ["personal_data"], counterparty: "acme" },
  agentId: "bank",
  run: { id: "run_1", step: 3, sessionId: null },
  confidence: 0.8,
  now: "2026-11-21T23:30:00.123456Z",
};
const factsOf = (more: Partial<PolicyFacts> = {}, schema?: JsonObject) =>
  conditionFacts({ ...facts, ...more }, { reversibility: "irreversible", impact: "high" }, schema);
const test1 = (source: string) => compile(source).test(factsOf());

describe("numbers are as people expect", () => {
  test.each([
    ["value >= 100", true],
    ["value > 100", false],
    ["value == 100 && value == 100.0 && 100 == value", true],
    ["value != 100", false],
    ["arguments.count > 50 && arguments.count > 50.5", true],
    ["arguments.count == 60.0", true],
    ["arguments.amount < 100 && arguments.amount != 100", true],
    ["arguments.amount == 99.5", true],
    ["arguments.whole == 100.0 && arguments.whole in [1, 100]", true],
    ["arguments.whole in [99.5, 100.0]", true],
    ["value in [1, 100]", true],
    ["arguments.amount * 2 > 198 && 2 * arguments.amount > 198", true],
    ["arguments.count * 1.5 == 90", true],
    ["value - 1 < 100 && value + 1 > 100 && value / 3 > 33", true],
    ["arguments.big == 9007199254740991", true],
    ["-value < 0 && -arguments.count < 0", true],
    ["value > arguments.amount", true],
  ])("%s: %s", (source, expected) => expect(test1(source)).toBe(expected));
});

test.each([
  ["has(arguments.missing)", false],
  ["has(arguments.note) && arguments.note == null", true],
  ["has(arguments.missing) && arguments.missing > 1", false],
  ["arguments.missing > 1 || value >= 100", true], // CEL: an error beside true is true
  ["has(arguments.toString)", false],
  ["has(endUser.id)", false],
  ["has(run.id) && run.step == 3", true],
  ["arguments.name.contains(\"O'H\") && arguments.name.matches('^Ann')", true],
  ["arguments.name.matches('^ann')", false],
  ["arguments.list.exists(x, x > 50) && !arguments.list.all(x, x > 1)", true],
  ["arguments.lines.exists(l, l.price >= 100 && l.tags.exists(t, t == 'c'))", true],
  ["arguments.lines.filter(l, l.price > 5).size() == 2", true],
  ["size(arguments.list) == 3", true],
  ["arguments.nested.flag", true],
  ["'personal_data' in action.handles && action.counterparty == 'acme'", true],
  ["action.reversibility == 'irreversible' && action.impact == 'high' && agent.id == 'bank'", true],
  ["firstTime", true],
  ["confidence < 0.85", true],
  ["now.getHours() == 23 && now.getHours('Europe/Berlin') == 0", true],
  ["now > timestamp('2026-01-01T00:00:00Z') && now - duration('24h') < now", true],
  ["arguments['count'] > 50 ? true : false", true],
])("%s: %s", (source, expected) => expect(test1(source)).toBe(expected));

test.each([
  "arguments.missing > 1",
  "arguments.name > 5",
  "arguments.note > 5",
  "endUser.id == 'x'",
  "arguments.name",
  "arguments.list[7] == 1",
  "arguments.count / 0 > 1",
  "arguments.__proto__ == 1",
  "arguments.constructor == 1",
])("%s cannot be evaluated", (source) => expect(() => test1(source)).toThrow(/./));

test.each([
  ["value >", "cannot be read"],
  ["", "cannot be read"],
  ["valeu > 1", 'Did you mean "value"?'],
  ["value", "not true or false"],
  ["'a' + 1 == 'b'", "no such overload"],
  ["action.nme == 'x'", "no member nme"],
  ["fetch('x')", "no function fetch"],
  ["cel.bind(x, 1, x > 0)", "no function bind"],
  ["arguments.list.map(x, x) == []", "no function map"],
  ["arguments.name.split('').size() > 1", "no function split"],
  ["arguments.name.holdpointMatches('a')", "no function holdpointMatches"],
  ["arguments.name.matches(arguments.name)", "text in quotes"],
  ["arguments.name.matches('(?=a)')", "looks ahead"],
  ["arguments.list.exists(x, arguments.list.exists(y, x == y))", "member of the outer"],
  ["arguments.a.all(a, a.b.all(b, b.c.all(c, c.d.all(d, d == 1))))", "levels deep"],
  ["now.getHours('Mars/Olympus') > 1", "no time zone"],
  [`value > ${"(".repeat(60)}1${")".repeat(60)}`, "cannot be read"],
  [Array.from({ length: 300 }, () => "firstTime").join("||"), "at most 2000"],
  [Array.from({ length: 280 }, () => "1<2").join("||"), "cannot be read"],
])("%s is refused: %s", (source, message) => {
  expect(() => compile(source)).toThrow(ConditionError);
  expect(() => compile(source)).toThrow(message);
});

test("what might take long is not evaluated for much to look at", () => {
  const source = "arguments.list.all(x, x in arguments.list)";
  expect(test1(source)).toBe(true);
  const list = Array.from({ length: 5_000 }, (_, index) => index);
  const many = factsOf({ action: { ...facts.action, arguments: { list } } });
  expect(() => compile(source).test(many)).toThrow("more than 3000");
  expect(compile("arguments.list.all(x, x >= 0)").test(many)).toBe(true);
});

test("patterns are not matched against much more text than a person reads", () => {
  const list = Array.from({ length: 10 }, () => "a".repeat(8_000));
  const many = factsOf({ action: { ...facts.action, arguments: { list } } });
  expect(() => compile("arguments.list.exists(x, x.matches('b$'))").test(many)).toThrow("more than 50000");
  expect(compile("arguments.list.exists(x, x.endsWith('b'))").test(many)).toBe(false);
});

describe("types against a tool's arguments", () => {
  const schema: JsonObject = {
    type: "object",
    properties: {
      count: { type: "integer" },
      amount: { type: "number" },
      name: { type: "string" },
      maybe: { anyOf: [{ type: "string" }, { type: "null" }] },
      tags: { type: "array", items: { type: "string" } },
      lines: { type: "array", items: { type: "object", properties: { price: { type: "number" } } } },
      to: { type: "object", properties: { iban: { type: "string" } } },
      more: { type: "object", properties: { a: { type: "string" } }, additionalProperties: {} },
    },
  };
  test.each([
    "arguments.count > 50.5 && arguments.amount >= 100 && arguments.amount == 100",
    "arguments.maybe == null || arguments.maybe == 'x'",
    "arguments.tags.exists(t, t == 'a') && 'a' in arguments.tags",
    "arguments.lines.exists(l, l.price > 1)",
    "arguments.to.iban.startsWith('DE') && arguments.more.anything == 1",
    "has(arguments.name) && arguments.name.matches('^A')",
    "arguments.amount in [1, 2.5]",
  ])("%s", (source) => expect(() => checkConditionTypes(source, schema)).not.toThrow());

  test.each([
    ["arguments.cuont > 1", 'Did you mean "count"?'],
    ["arguments.to.ibam == 'x'", "no member ibam"],
    ["arguments.name > 1", "no such overload"],
    ["arguments.count == 'x'", "no such overload"],
    ["arguments.tags.exists(t, t == 1)", "no such overload"],
  ])("%s: %s", (source, message) => expect(() => checkConditionTypes(source, schema)).toThrow(message));
});

describe("the reason why it holds", () => {
  test.each([
    ["value >= 100", "value 100 is at least 100"],
    ["50 < arguments.count", "arguments.count 60 is more than 50"],
    ["value >= 100 && arguments.name != 'x'", 'value 100 is at least 100 and arguments.name is not "x"'],
    ["firstTime && confidence < 0.9", "it is the first time and confidence 0.8 is less than 0.9"],
    ["arguments.name.contains('Ann')", 'arguments.name contains "Ann"'],
    ["arguments.name.matches('^Ann')", 'arguments.name matches "^Ann"'],
    [
      "has(arguments.name) && arguments.nested.flag",
      "arguments.name is given and arguments.nested.flag is true",
    ],
    ["value > arguments.amount", "value 100 is more than arguments.amount 99.5"],
    ["arguments.count in [60, 61]", "arguments.count 60 is in [60, 61]"],
    ["value > 1 || value < -1", "the condition value > 1 || value < -1 is true"],
    ["arguments.list.exists(x, x > 50)", "the condition arguments.list.exists(x, x > 50) is true"],
  ])("%s", (source, reason) => {
    const condition = compile(source);
    expect(condition.test(factsOf())).toBe(true);
    expect(condition.reason(factsOf())).toBe(reason);
  });

  test("no text of the arguments is repeated in it", () => {
    for (const source of ["arguments.name != 'x'", "arguments.name > 'A'", "arguments.name.startsWith('A')"])
      expect(compile(source).reason(factsOf())).not.toContain("Hara");
  });
});

test("no condition does anything but answer or throw", () => {
  const part = fc.constantFrom(
    "value",
    "arguments.count",
    "1",
    "'a'",
    "null",
    "arguments.list",
    "firstTime",
    "x",
  );
  const operator = fc.constantFrom(">", "==", "&&", "||", "+", "in", "/", "!=");
  const source = fc
    .tuple(part, operator, part, operator, part)
    .map(([a, b, c, d, e]) => `${a} ${b} ${c} ${d} ${e}`);
  fc.assert(
    fc.property(source, (text) => {
      let condition;
      try {
        condition = compile(text);
      } catch (error) {
        expect(error).toBeInstanceOf(ConditionError);
        return;
      }
      try {
        expect(typeof condition.test(factsOf())).toBe("boolean");
        expect(condition.reason(factsOf()).length).toBeGreaterThan(3);
      } catch (error) {
        expect(error).toBeInstanceOf(Error);
      }
    }),
  );
});
