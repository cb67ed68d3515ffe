import { expect, test } from "vitest";
import { unforeseeableSampling } from "./sampling.ts";

const DRAWS = 20_000;

test("draws the share that is asked for: none of 0, all of 1, about a tenth of 0.1", () => {
  const count = (share: number): number =>
    Array.from({ length: DRAWS }, () => unforeseeableSampling.draw(share)).filter(Boolean).length;
  expect([count(0), count(1)]).toEqual([0, DRAWS]);
  // Six standard deviations to each side: fails once in five hundred million times.
  const deviation = Math.sqrt(DRAWS * 0.1 * 0.9);
  expect(Math.abs(count(0.1) - DRAWS * 0.1)).toBeLessThan(6 * deviation);
});
