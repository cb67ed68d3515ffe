import { expect, test } from "vitest";
import { renderInstant } from "./instant.ts";

test.each([
  ["2026-11-21T03:00:00.123456+00:00", "2026-11-21T03:00:00.123456Z"],
  ["2026-11-21T03:00:00.68+00:00", "2026-11-21T03:00:00.680000Z"],
  ["2026-11-21T03:00:00+00:00", "2026-11-21T03:00:00.000000Z"],
  ["2026-11-21 03:00:00.5+00", "2026-11-21T03:00:00.500000Z"],
])("%s leaves as %s: always six digits", (text, instant) => {
  expect(renderInstant(text)).toBe(instant);
});

test("instants order as text, which they did not while trailing zeros were missing", () => {
  const [earlier, later] = [
    renderInstant("2026-11-21T03:00:00.68+00:00"),
    renderInstant("2026-11-21T03:00:00.687+00:00"),
  ];
  expect(earlier < later).toBe(true);
});

test("another zone is refused, not misread", () => {
  expect(() => renderInstant("2026-11-21T03:00:00+02:00")).toThrow(/not in UTC/);
});
