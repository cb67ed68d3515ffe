import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { calibrate, MIN_JUDGED, wilsonInterval, type JudgedAction } from "../src/index.ts";

const judged = fc.array(
  fc.record({ confidence: fc.double({ min: 0, max: 1, noNaN: true }), isCorrect: fc.boolean() }),
  { maxLength: 300 },
);

function times(count: number, confidence: number, correct: number): JudgedAction[] {
  return Array.from({ length: count }, (_, index) => ({ confidence, isCorrect: index < correct }));
}

describe("the table", () => {
  test("has every action in exactly one of ten bins, whatever their order", () => {
    fc.assert(
      fc.property(judged, (actions) => {
        const table = calibrate(actions);
        expect(table.bins).toHaveLength(10);
        expect(table.bins.reduce((sum, { count }) => sum + count, 0)).toBe(actions.length);
        expect(table.bins.reduce((sum, { correct }) => sum + correct, 0)).toBe(table.correct);
        for (const { from, to, count, expected, observed, low, high } of table.bins) {
          if (count === 0) {
            expect([expected, observed, low, high]).toEqual([null, null, null, null]);
            continue;
          }
          expect(expected).toBeGreaterThanOrEqual(from - 1e-12);
          expect(expected).toBeLessThanOrEqual(to + 1e-12);
          expect(low).toBeLessThanOrEqual((observed ?? 0) + 1e-12);
          expect(high).toBeGreaterThanOrEqual((observed ?? 0) - 1e-12);
        }
        const reversed = calibrate(actions.toReversed());
        expect(reversed.suggestedThreshold).toBe(table.suggestedThreshold);
        expect(reversed.expectedCalibrationError ?? 0).toBeCloseTo(table.expectedCalibrationError ?? 0, 9);
      }),
    );
  });

  test("puts the bounds where they belong: 0 first, 1 last, 0.7 in its own", () => {
    const { bins } = calibrate([0, 0.0999, 0.7, 1].map((confidence) => ({ confidence, isCorrect: true })));
    expect(bins.map(({ count }) => count)).toEqual([2, 0, 0, 0, 0, 0, 0, 1, 0, 1]);
  });
});

describe("the expected calibration error", () => {
  test("is none where confidence says how often it is right, and 1 where it is always wrong about it", () => {
    expect(calibrate(times(10, 0.8, 8)).expectedCalibrationError).toBeCloseTo(0, 12);
    expect(calibrate(times(10, 1, 0)).expectedCalibrationError).toBe(1);
    expect(calibrate([...times(10, 0.9, 5), ...times(30, 0.1, 3)]).expectedCalibrationError).toBeCloseTo(
      0.1,
      12,
    );
    expect(calibrate([]).expectedCalibrationError).toBeNull();
  });

  test("lies from 0 to 1", () => {
    fc.assert(
      fc.property(judged, (actions) => {
        const error = calibrate(actions).expectedCalibrationError;
        expect(error === null).toBe(actions.length === 0);
        expect(error ?? 0).toBeGreaterThanOrEqual(0);
        expect(error ?? 0).toBeLessThanOrEqual(1 + 1e-12);
      }),
    );
  });
});

describe("the suggested threshold", () => {
  test("is the lowest confidence at or above which enough was correct, surely", () => {
    fc.assert(
      fc.property(judged, fc.constantFrom(0.5, 0.7, 0.95), (actions, target) => {
        const meets = (threshold: number): boolean => {
          const above = actions.filter(({ confidence }) => confidence >= threshold);
          const correct = above.filter(({ isCorrect }) => isCorrect).length;
          return above.length >= MIN_JUDGED && wilsonInterval(correct, above.length).low >= target;
        };
        const lowest = actions
          .map(({ confidence }) => confidence)
          .filter(meets)
          .reduce<number | null>((least, each) => (least === null || each < least ? each : least), null);
        expect(calibrate(actions, target).suggestedThreshold).toBe(lowest);
      }),
    );
  });

  test("is none with too few judged actions, however correct they were", () => {
    expect(calibrate(times(19, 0.9, 19), 0.5).suggestedThreshold).toBeNull();
    expect(calibrate(times(72, 0.9, 72)).suggestedThreshold).toBeNull();
    expect(calibrate(times(73, 0.9, 73)).suggestedThreshold).toBe(0.9);
    expect(calibrate([...times(100, 0.9, 100), ...times(50, 0.6, 20)]).suggestedThreshold).toBe(0.9);
  });
});

test("Wilson's interval is the published one", () => {
  // Newcombe 1998, table I: 81 of 263, and 0 of 20.
  const { low, high } = wilsonInterval(81, 263);
  expect([low.toFixed(4), high.toFixed(4)]).toEqual(["0.2553", "0.3662"]);
  const none = wilsonInterval(0, 20);
  expect([none.low, none.high.toFixed(4)]).toEqual([0, "0.1611"]);
  expect(wilsonInterval(0, 0)).toEqual({ low: 0, high: 1 });
});
