import { expect, test } from "vitest";
import * as client from "../src/index.ts";

test("what users may rely on", () => {
  expect(Object.keys(client).sort()).toEqual([
    "ClarificationError",
    "ExternalRun",
    "Holdpoint",
    "HoldpointApiError",
    "HoldpointConnectionError",
    "HoldpointQuestions",
    "RunCancelledError",
    "findClarification",
  ]);
});
