import { expect, test } from "vitest";
import * as client from "../src/index.ts";

test("what users may rely on", () => {
  expect(Object.keys(client).sort()).toEqual([
    "ApprovalTimeoutError",
    "ClarificationError",
    "ExternalRun",
    "Holdpoint",
    "HoldpointApiError",
    "HoldpointConnectionError",
    "NotExecutedError",
    "RejectedError",
    "RunCancelledError",
    "createGate",
    "findClarification",
  ]);
});
