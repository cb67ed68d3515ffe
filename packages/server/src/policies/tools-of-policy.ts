import type { ToolFacts } from "@holdpoint/core";
import type { DefinedTool } from "../agents/tool.ts";
import { TRANSACTION_ACTION, type DefinedService } from "../transactions/service.ts";

/**
 * The tools as rules are checked against and indexed by them. Services are one of them together: of each payload its service
 * says whether a person is needed.
 */
export function toolsOfPolicy(
  tools: Iterable<DefinedTool>,
  services: readonly DefinedService[] = [],
): ToolFacts[] {
  const ofServices: ToolFacts[] =
    services.length === 0 ? [] : [{ name: TRANSACTION_ACTION, requiresConfirmation: "function" }];
  return [...[...tools].map(factsOf), ...ofServices];
}

function factsOf(tool: DefinedTool): ToolFacts {
  return {
    name: tool.name,
    reversibility: tool.reversibility,
    impact: tool.impact,
    requiresConfirmation:
      tool.confirmation.type === "fixed"
        ? tool.confirmation.confirmation
        : tool.confirmation.type === "function"
          ? "function"
          : undefined,
    handles: tool.handles,
    timeoutSeconds: tool.timeoutSeconds,
    onTimeout: tool.onTimeout,
    argumentsSchema: tool.argumentsSchema,
  };
}
