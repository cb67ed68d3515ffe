import { describe, expect, test } from "vitest";
import { deadlinesFor, isOverdue } from "./deadline.ts";

const AT = "2026-08-01T12:00:00Z";

describe("defaults by tier", () => {
  test.each([
    ["sync_gate", "2026-08-01T12:05:00.000Z", "2026-08-01T12:05:00.000Z"],
    ["escalation", "2026-08-01T12:30:00.000Z", "2026-08-01T12:30:00.000Z"],
    ["async_review", "2026-08-01T13:00:00.000Z", "2026-08-02T12:00:00.000Z"],
    ["automated", null, null],
  ] as const)("%s", (tier, respondBy, expiresAt) =>
    expect(deadlinesFor(tier, AT)).toEqual({ respondBy, expiresAt }),
  );
});

test("the target is never after the deadline", () => {
  expect(deadlinesFor("async_review", AT, 60)).toEqual({
    respondBy: "2026-08-01T12:01:00.000Z",
    expiresAt: "2026-08-01T12:01:00.000Z",
  });
  expect(deadlinesFor("sync_gate", AT, 3_600)).toEqual({
    respondBy: "2026-08-01T12:05:00.000Z",
    expiresAt: "2026-08-01T13:00:00.000Z",
  });
});

test("the deadline itself is too late, one microsecond before is not (I6)", () => {
  const expiresAt = "2026-08-01T12:05:00.000000Z";
  expect(isOverdue(expiresAt, "2026-08-01T12:04:59.999999Z")).toBe(false);
  expect(isOverdue(expiresAt, expiresAt)).toBe(true);
  expect(isOverdue(null, expiresAt)).toBe(false);
});
