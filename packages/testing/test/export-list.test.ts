import { expect, test } from "vitest";
import * as testing from "../src/index.ts";

test("what users may rely on", () => {
  expect(Object.keys(testing).sort()).toEqual([
    "answer",
    "approve",
    "change",
    "neverAnswer",
    "reject",
    "rejectAbove",
    "skip",
    "startHoldpoint",
  ]);
});
