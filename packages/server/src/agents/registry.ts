import { classify, type Classification } from "@holdpoint/core";
import type { Agent } from "@holdpoint/protocol";
import type { DefinedAgent } from "./agent.ts";
import type { DefinedConfig } from "./config.ts";
import type { Models } from "./models/models.ts";
import { ConfigError } from "./options.ts";
import type { DefinedTool } from "./tool.ts";

/** The agents and tools of one service, by id and name. */
export class Registry {
  readonly #agents: ReadonlyMap<string, DefinedAgent>;
  readonly #tools: ReadonlyMap<string, DefinedTool>;

  /**
   * Agents that are tools of others are in it too. Throws `ConfigError` when two agents have different tools of one name, since
   * an action's name must mean one thing, or when two different agents have one id.
   */
  constructor(config: Pick<DefinedConfig, "agents">) {
    this.#agents = withAgentsOfTools(config.agents);
    const tools = new Map<string, DefinedTool>();
    for (const tool of this.listAgents().flatMap((agent) => agent.tools)) {
      const known = tools.get(tool.name);
      if (known !== undefined && known !== tool) {
        throw new ConfigError(
          `Two different tools are named "${tool.name}". Give one of them another name, or share one.`,
        );
      }
      tools.set(tool.name, tool);
    }
    this.#tools = tools;
  }

  findAgent(id: string): DefinedAgent | undefined {
    return this.#agents.get(id);
  }

  listAgents(): DefinedAgent[] {
    return [...this.#agents.values()];
  }

  listTools(): DefinedTool[] {
    return [...this.#tools.values()];
  }

  /** The tool of that name, whichever agent has it: a name means one thing, and nobody sheds a declaration by another id. */
  findTool(name: string): DefinedTool | undefined {
    return this.#tools.get(name);
  }
}

/** What the config says of an agent; what stands over it the database knows. */
export type AgentOfConfig = Omit<Agent, "paused" | "held" | "tools"> & {
  tools: Omit<Agent["tools"][number], "held">[];
};

function withAgentsOfTools(agents: readonly DefinedAgent[]): Map<string, DefinedAgent> {
  const found = new Map<string, DefinedAgent>();
  const add = (agent: DefinedAgent): void => {
    const known = found.get(agent.id);
    if (known === agent) return;
    if (known !== undefined)
      throw new ConfigError(`Two different agents have the id "${agent.id}". Give one of them another id.`);
    found.set(agent.id, agent);
    for (const tool of agent.tools) if (tool.agent !== undefined) add(tool.agent);
  };
  for (const agent of agents) add(agent);
  return found;
}

/** The agent as the API shows it. */
export function renderAgent(agent: DefinedAgent, models: Models): AgentOfConfig {
  const { label, isScripted } = models.describe(agent);
  return {
    id: agent.id,
    name: agent.name,
    model: label,
    isScripted,
    markdown: agent.markdown,
    source: "config",
    onNewMessage: agent.onNewMessage,
    tools: agent.tools.map((tool) => ({
      name: tool.name,
      description: tool.description,
      inputSchema: tool.inputSchema,
      reversibility: classified(tool).reversibility,
      requiresConfirmation: tool.asked?.tier !== undefined || mayBeHeld(tool),
      settings: null,
    })),
  };
}

/** Whether any call of it is: a condition on arguments counts, and where nothing was said the reversibility decides. */
function mayBeHeld(tool: DefinedTool): boolean {
  switch (tool.confirmation.type) {
    case "fixed":
      return tool.confirmation.confirmation !== false;
    case "absent":
      return classified(tool).held;
    default:
      return true;
  }
}

function classified(tool: DefinedTool): Classification {
  return classify({ name: tool.name, arguments: {}, reversibility: tool.reversibility });
}
