import { expect, test } from "vitest";
import { costInWords, spanInWords, timeOf, tokensInWords } from "./run-figures.ts";

test.each([
  [0, "$0.00"],
  [0.000_021, "$0.000021"],
  [0.0021, "$0.0021"],
  [0.25, "$0.25"],
  [1_234.5, "$1,234.50"],
])("%d USD is %s", (amount, words) => expect(costInWords({ currency: "USD", amount })).toBe(words));

test.each([
  [1, "1 token"],
  [1_234, "1,234 tokens"],
])("%d is %s", (count, words) => expect(tokensInWords(count)).toBe(words));

test.each([
  [40, "40 ms"],
  [1_449, "1.4 s"],
  [10_400, "10 s"],
  [252_000, "4 min 12 s"],
])("%d ms is %s", (ms, words) => expect(spanInWords(ms)).toBe(words));

test("only the time of the state that it is in goes on", () => {
  const time = { queuedMs: 1, runningMs: 2, holdingMs: 3, pausedMs: 4 };
  const msOf = (status: "holding" | "completed") =>
    Object.fromEntries(timeOf({ status, time }, 100).map(({ key, ms }) => [key, ms]));
  expect(msOf("holding")).toEqual({ queued: 1, working: 2, waiting: 103, paused: 4 });
  expect(msOf("completed")).toEqual({ queued: 1, working: 2, waiting: 3, paused: 4 });
});
