import { businessHoursSchema } from "@holdpoint/protocol";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { compareInstants } from "../instant.ts";
import { addBusinessSeconds, realSeconds } from "./business-hours.ts";

const berlin = businessHoursSchema.parse({ timeZone: "Europe/Berlin", holidays: ["2026-12-25"] });
const HOUR = 3_600;

test.each([
  // start, hours of business, end (Berlin: 09:00 to 17:00, Monday to Friday; summer is UTC+2)
  ["2026-08-03T08:00:00Z", 2, "2026-08-03T10:00:00.000Z"],
  ["2026-08-03T14:00:00Z", 2, "2026-08-04T08:00:00.000Z"], // over a night
  ["2026-08-07T14:00:00Z", 2, "2026-08-10T08:00:00.000Z"], // over a weekend
  ["2026-08-08T12:00:00Z", 1, "2026-08-10T08:00:00.000Z"], // begun on a Saturday
  ["2026-08-03T01:00:00Z", 8, "2026-08-03T15:00:00.000Z"], // a whole day ends with the day
  ["2026-12-24T15:00:00Z", 2, "2026-12-28T09:00:00.000Z"], // over a holiday and a weekend
  ["2026-08-03T08:00:00.123456Z", 1, "2026-08-03T09:00:00.123456Z"],
])("from %s %d business hours end at %s", (start, hours, end) =>
  expect(addBusinessSeconds(start, hours * HOUR, berlin)).toBe(end),
);

describe("over a change of the clocks", () => {
  const night = businessHoursSchema.parse({
    timeZone: "Europe/Berlin",
    days: ["saturday", "sunday"],
    from: "00:00",
    to: "24:00",
  });

  test("a weekday's hours move with the clocks", () => {
    // Friday 27 March 16:00 winter time is 15:00 UTC; Monday 30 March 09:00 summer time is 07:00 UTC.
    expect(addBusinessSeconds("2026-03-27T15:00:00Z", 2 * HOUR, berlin)).toBe("2026-03-30T08:00:00.000Z");
    expect(addBusinessSeconds("2026-10-23T14:00:00Z", 2 * HOUR, berlin)).toBe("2026-10-26T09:00:00.000Z");
  });

  test("the day of spring has 23 hours, that of autumn 25", () => {
    expect(addBusinessSeconds("2026-03-27T23:00:00Z", 47 * HOUR, night)).toBe("2026-03-29T22:00:00.000Z");
    expect(addBusinessSeconds("2026-10-23T22:00:00Z", 49 * HOUR, night)).toBe("2026-10-25T23:00:00.000Z");
  });
});

test("hours over midnight belong to the day on which they begin", () => {
  const shift = businessHoursSchema.parse({ timeZone: "UTC", days: ["monday"], from: "22:00", to: "06:00" });
  expect(addBusinessSeconds("2026-08-04T01:00:00Z", 6 * HOUR, shift)).toBe("2026-08-10T23:00:00.000Z");
});

test("a search ends: ten years at the most", () => {
  const rare = businessHoursSchema.parse({ timeZone: "UTC", days: ["monday"], from: "09:00", to: "09:01" });
  expect(addBusinessSeconds("2026-08-03T00:00:00Z", 31_536_000, rare) < "2036-08-20").toBe(true);
});

test("more business time is never sooner, and never sooner than real time", () => {
  const instant = fc.date({
    min: new Date("2026-01-01Z"),
    max: new Date("2027-12-31Z"),
    noInvalidDate: true,
  });
  const seconds = fc.integer({ min: 1, max: 500_000 });
  fc.assert(
    fc.property(instant, seconds, seconds, (start, one, other) => {
      const from = start.toISOString();
      const [less, more] = [Math.min(one, other), Math.max(one, other)];
      const ends = [less, more].map((count) => addBusinessSeconds(from, count, berlin));
      expect(compareInstants(ends[0] ?? "", ends[1] ?? "")).toBeLessThanOrEqual(0);
      expect(realSeconds(from, less, berlin)).toBeGreaterThanOrEqual(less);
      // In two parts it is the same as in one.
      expect(addBusinessSeconds(ends[0] ?? "", more - less, berlin)).toSatisfy(
        (end: string) => more === less || compareInstants(end, ends[1] ?? "") === 0,
      );
    }),
    { numRuns: 100 },
  );
});
