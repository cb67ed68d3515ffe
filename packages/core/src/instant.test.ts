import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { addSeconds, compareInstants, instantMicroseconds } from "./instant.ts";

test("microseconds decide, which a Date would lose", () => {
  expect(compareInstants("2026-08-01T12:00:00.000001Z", "2026-08-01T12:00:00.000002Z")).toBe(-1);
  expect(compareInstants("2026-08-01T12:00:00.100Z", "2026-08-01T12:00:00.1Z")).toBe(0);
});

test.each([
  ["2026-08-01T12:00:00Z", "2026-08-01T14:00:00+02:00"],
  ["2026-08-01 12:00:00.5+00", "2026-08-01T12:00:00.500000Z"],
  ["2026-08-01 12:00:00.5+0000", "2026-08-01T12:00:00.5000009Z"],
])("%s is %s", (one, other) => expect(compareInstants(one, other)).toBe(0));

test.each(["", "yesterday", "2026-08-01", "2026-08-01T12:00:00", "2026-13-01T12:00:00Z", "infinity"])(
  "%j is no instant",
  (text) => {
    expect(() => instantMicroseconds(text)).toThrow(RangeError);
  },
);

describe("addSeconds", () => {
  test.each([
    ["2026-08-01T12:00:00.123456Z", 300, "2026-08-01T12:05:00.123456Z"],
    ["2026-08-01T12:00:00Z", 0.5, "2026-08-01T12:00:00.500Z"],
    ["2026-12-31T23:59:59.999999Z", 0.000001, "2027-01-01T00:00:00.000Z"],
    ["1970-01-01T00:00:00Z", -0.000001, "1969-12-31T23:59:59.999999Z"],
    ["2024-02-29T12:00:00+02:00", 86_400, "2024-03-01T10:00:00.000Z"],
  ])("%s + %d s", (instant, seconds, later) => expect(addSeconds(instant, seconds)).toBe(later));

  test("adding and taking away gives the same instant", () => {
    const micros = fc.integer({ min: -1e15, max: 4e15 });
    fc.assert(
      fc.property(micros, fc.integer({ min: 0, max: 31_536_000 }), (start, seconds) => {
        const instant = addSeconds("1970-01-01T00:00:00Z", start / 1e6);
        expect(compareInstants(addSeconds(addSeconds(instant, seconds), -seconds), instant)).toBe(0);
        expect(instantMicroseconds(addSeconds(instant, seconds)) - instantMicroseconds(instant)).toBe(
          BigInt(seconds) * 1_000_000n,
        );
      }),
    );
  });
});
