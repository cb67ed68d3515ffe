import { expect, test } from "vitest";
import { toMs } from "./duration.ts";

test("parts add up", () => {
  expect(toMs({ days: 1, hours: 2, minutes: 3, seconds: 4.5 })).toBe(93_784_500);
  expect(toMs({})).toBe(0);
});

test("what is no duration is refused: time does not go back, and a misspelt unit is no zero", () => {
  expect(() => toMs({ minutes: -1 })).toThrow("zero or more");
  expect(() => toMs({ seconds: Number.NaN })).toThrow("zero or more");
  expect(() => toMs({ minute: 1 } as never)).toThrow('not "minute"');
});
