import type { OnNewMessage, ToolSettings } from "@holdpoint/protocol";
import { askUserTool } from "../clarifications/ask-user.ts";
import type { BeforeToolCall, AfterToolCall } from "../clarifications/tool-hooks.ts";
import { defineAgent, type DefinedAgent } from "./agent.ts";
import type { Registry } from "./registry.ts";
import type { DefinedTool } from "./tool.ts";

/** A row of holdpoint.agents as `row_to_json` gives it. */
export interface StoredAgentRow {
  org_id: string;
  id: string;
  name: string;
  model: string | null;
  instructions: string;
  tools: string[];
  tool_settings: Record<string, ToolSettings>;
  markdown: boolean;
  max_steps: number;
  on_new_message: OnNewMessage;
}

/**
 * The agent that a row stands for, with the tools as the config has them now. Tools that the config has no more are left out:
 * what the model still calls is refused as unknown.
 */
export function defineStoredAgent(row: StoredAgentRow, registry: Registry): DefinedAgent {
  const tools = row.tools.flatMap((name) => {
    const tool = registry.findTool(name);
    return tool === undefined ? [] : [narrowed(tool, row.tool_settings[name])];
  });
  const agents = registry.listAgents();
  // Who has these tools already: its model is the default, and its script knows what to do with them.
  const owner = agents.find((agent) =>
    tools.every(({ name }) => agent.tools.some((tool) => tool.name === name)),
  );
  return defineAgent({
    id: row.id,
    name: row.name,
    model: row.model ?? (owner ?? agents[0])?.model ?? "none",
    instructions: row.instructions,
    tools,
    markdown: row.markdown,
    maxSteps: row.max_steps,
    onNewMessage: row.on_new_message,
    ...(owner?.script !== undefined && { script: owner.script }),
    ...hooksOfTools(agents),
  });
}

/** Only ever stricter: it is what whoever asks may ask for beyond the policy (I1, I13). */
function narrowed(tool: DefinedTool, settings: ToolSettings | undefined): DefinedTool {
  // Asking the end user gates nothing.
  if (settings === undefined || tool === askUserTool) return tool;
  const { requiresConfirmation, timeoutSeconds, onTimeout } = settings;
  return Object.freeze({
    ...tool,
    asked: {
      tier: requiresConfirmation === true ? ("sync_gate" as const) : undefined,
      timeoutSeconds,
      onTimeout,
    },
  });
}

/** What stands around a tool's calls at the config's agents stands around them here too: nobody sheds it by making an agent. */
function hooksOfTools(agents: readonly DefinedAgent[]): {
  beforeToolCall: BeforeToolCall[];
  afterToolCall: AfterToolCall[];
} {
  const isOf = (agent: DefinedAgent, name: string): boolean => agent.tools.some((tool) => tool.name === name);
  return {
    beforeToolCall: agents.flatMap((agent) =>
      agent.hooks.before.map(
        (hook): BeforeToolCall =>
          (call, context) =>
            isOf(agent, call.name) ? hook(call, context) : undefined,
      ),
    ),
    afterToolCall: agents.flatMap((agent) =>
      agent.hooks.after.map(
        (hook): AfterToolCall =>
          (call, context) =>
            isOf(agent, call.name) ? hook(call, context) : undefined,
      ),
    ),
  };
}
