import { expect, test } from "vitest";
import * as holdpoint from "../src/index.ts";

test("what users may rely on", () => {
  expect(Object.keys(holdpoint).sort()).toEqual([
    "ClarificationError",
    "ConfigError",
    "Holdpoint",
    "HoldpointApiError",
    "HoldpointConnectionError",
    "NotAnsweredError",
    "adoptTool",
    "agentTool",
    "ask",
    "choose",
    "createHoldpoint",
    "defineAgent",
    "defineConfig",
    "defineProvider",
    "defineService",
    "defineTool",
    "github",
    "google",
    "localGate",
    "microsoft",
    "slack",
    "terminalHandler",
    "verifyCalls",
  ]);
});
