import fc from "fast-check";
import { expect, test } from "vitest";
import { agreement, normaliseAnswer } from "./agreement.ts";
import { parseConfidence, readConfidence } from "./parse-confidence.ts";
import { isBelowThreshold, reasonOfConfidence, thresholdOf } from "./thresholds.ts";
import { triggeredBy, type Triggers } from "./triggers.ts";

test("the stakes have the thresholds of R73; medium where nobody says", () => {
  expect([
    thresholdOf({ stake: "low" }),
    thresholdOf({ stake: "medium" }),
    thresholdOf({ stake: "high" }),
  ]).toEqual([0.4, 0.65, 0.85]);
  expect(thresholdOf()).toBe(0.65);
  expect(thresholdOf({ threshold: 0.7, stake: undefined })).toBe(0.7);
});

test("strictly below escalates, at the threshold not (R74)", () => {
  expect(isBelowThreshold(0.6499, 0.65)).toBe(true);
  expect(isBelowThreshold(0.65, 0.65)).toBe(false);
});

test.each([
  [0.42, 0.65, "Confidence 0.42 below threshold 0.65"],
  [0.3, 0.4, "Confidence 0.30 below threshold 0.4"],
  [0.649, 0.65, "Confidence 0.64 below threshold 0.65"],
  [0.29, 0.85, "Confidence 0.29 below threshold 0.85"],
  [0, 0.4, "Confidence 0.00 below threshold 0.4"],
  [0.07 - 2 ** -56, 0.07, "Confidence 0.06 below threshold 0.07"],
])("the reason for %f under %f", (confidence, threshold, reason) => {
  expect(reasonOfConfidence(confidence, threshold)).toBe(reason);
});

test("the reason never shows a number that is not below a threshold of two decimals", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 100 }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (hundredths, share) => {
        const threshold = hundredths / 100;
        const confidence = share * threshold;
        fc.pre(confidence < threshold);
        const shown = /^Confidence (0\.\d\d) below/.exec(reasonOfConfidence(confidence, threshold))?.[1];
        expect(Number(shown)).toBeLessThan(threshold);
      },
    ),
  );
});

test.each([
  ["0.8", 0.8],
  [" 0.8\n", 0.8],
  ["0", 0],
  ["1", 1],
  ["1.0", 1],
  [".7", 0.7],
])("%j is a confidence", (answer, confidence) => {
  expect(readConfidence(answer)).toBe(confidence);
});

test.each([
  "",
  "0.8 because",
  "80%",
  "1.2",
  "NaN",
  "-0.1",
  "+0.5",
  "0,8",
  "1e-1",
  "0x1",
  "0.8.",
  "Infinity",
  "0.8 0.9",
  "Confidence: 0.8",
  "**0.8**",
  "٠.٨",
])("%j is none, and counts as 0.5 (R72)", (answer) => {
  expect(readConfidence(answer)).toBeUndefined();
  expect(parseConfidence(answer)).toBe(0.5);
});

test("whatever an estimator says, what counts is a number from 0 to 1", () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.double().map(String)), (answer) => {
      const confidence = parseConfidence(answer);
      expect(confidence >= 0 && confidence <= 1).toBe(true);
    }),
  );
});

test("answers agree by what they say, not by how it is written", () => {
  expect(agreement("Paris.", ["paris", "**PARIS**"])).toBe(1);
  expect(agreement("Paris", ["Paris", "Lyon"])).toBeCloseTo(2 / 3);
  expect(agreement("Paris", ["Rome", "Lyon"])).toBeCloseTo(1 / 3);
  expect(agreement("Paris", [undefined, "Paris"])).toBeCloseTo(2 / 3);
});

test("others that agree with one another speak against the answer that would be given", () => {
  expect(agreement("Paris", ["Lyon", "Lyon"])).toBeCloseTo(1 / 3);
});

test("a sign and a currency make a difference", () => {
  expect(normaliseAnswer("-5")).not.toBe(normaliseAnswer("5"));
  expect(normaliseAnswer("$5")).not.toBe(normaliseAnswer("€5"));
});

const none: Triggers = { entities: [], value: undefined };
const valueOf = (value: unknown, threshold: number, comparator: "gte" | "gt"): Triggers => ({
  ...none,
  value: { of: () => value, threshold, comparator },
});

test.each([
  [99.99, "gte", []],
  [100, "gte", ["Value 100 reaches 100"]],
  [100.01, "gte", ["Value 100.01 reaches 100"]],
  [100, "gt", []],
  [100.01, "gt", ["Value 100.01 exceeds 100"]],
  [undefined, "gte", []],
  [null, "gt", []],
] as const)("value %s, %s 100", (value, comparator, reasons) => {
  expect(triggeredBy(valueOf(value, 100, comparator), "")).toEqual(reasons);
});

test("a named pattern triggers every time, also with the flag g", () => {
  const triggers = { ...none, entities: [{ name: "a name", pattern: /smith/gi }] };
  for (let time = 0; time < 3; time += 1)
    expect(triggeredBy(triggers, "Ask Smith.")).toEqual(["The result contains a name"]);
  expect(triggeredBy(triggers, "Ask nobody.")).toEqual([]);
});

test("a trigger that fails, or answers what it may not, triggers (I10)", () => {
  const fails = (): never => {
    throw new Error("no index");
  };
  expect(
    triggeredBy(
      {
        entities: [{ name: "a customer", find: fails }],
        value: { of: fails, threshold: 1, comparator: "gte" },
      },
      "",
    ),
  ).toEqual([
    "Whether the result contains a customer is not known: no index",
    "The value of the result is not known: no index",
  ]);
  expect(triggeredBy({ ...none, entities: [{ name: "x", find: () => "yes" }] }, "")).toHaveLength(1);
  expect(triggeredBy(valueOf(Number.NaN, 1, "gte"), "")).toHaveLength(1);
  expect(triggeredBy(valueOf("7", 1, "gte"), "")).toHaveLength(1);
  expect(triggeredBy({ ...none, entities: [{ name: "x", find: () => false }] }, "")).toEqual([]);
});
