import type { ToolFacts } from "@holdpoint/core";
import type { DefinedTool } from "../agents/tool.ts";

/** The tools as rules are checked against and indexed by them. */
export function toolsOfPolicy(tools: Iterable<DefinedTool>): ToolFacts[] {
  return [...tools].map((tool) => ({
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
  }));
}
