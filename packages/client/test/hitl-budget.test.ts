import { describe, expect, test } from "vitest";
import { callbackBudgetMs, type HitlRequest } from "../src/glaip/index.ts";

const NOW = Date.parse("2026-08-01T12:00:00Z");

describe("how long a callback may take", () => {
  const request = (timeout_at: string | null, timeout_seconds: number | null) =>
    ({ timeout_at, timeout_seconds }) as HitlRequest;
  test.each<[string, string | null, number | null, number | undefined]>([
    ["80 % of what is left, whatever timeout_seconds says", "2026-08-01T12:01:00+00:00", 180, 48_000],
    ["another zone", "2026-08-01T14:01:00.500+02:00", 1, 48_000],
    ["five seconds at least", "2026-08-01T12:00:06Z", 180, 5_000],
    ["never more than there is", "2026-08-01T12:00:03Z", 180, 3_000],
    ["nothing of what is over", "2026-08-01T11:00:00Z", 180, 0],
    ["timeout_seconds where timeout_at cannot be read", "soon", 60, 48_000],
    ["timeout_seconds where there is none", null, 10, 8_000],
    ["for ever without both", null, null, undefined],
  ])("%s", (_name, at, seconds, expected) => {
    expect(callbackBudgetMs(request(at, seconds), NOW)).toBe(expected);
  });
});
