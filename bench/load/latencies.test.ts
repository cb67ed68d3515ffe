import { expect, test } from "vitest";
import { median, percentile } from "./latencies.ts";

test("a percentile is the smallest value that so large a share does not exceed", () => {
  const hundred = Float64Array.from({ length: 100 }, (_, index) => index + 1);
  expect(percentile(hundred, 0.5)).toBe(50);
  expect(percentile(hundred, 0.99)).toBe(99);
  expect(percentile(Float64Array.of(7), 0.99)).toBe(7);
  expect(percentile(Float64Array.of(), 0.5)).toBeNaN();
});

test("a median is the middle of an odd number of values, and of an even number the mean of both", () => {
  expect(median([3, 1, 2])).toBe(2);
  expect(median([4, 1, 3, 2])).toBe(2.5);
  expect(median([])).toBeNaN();
});
