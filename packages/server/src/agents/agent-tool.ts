import { z } from "zod";
import type { DefinedAgent } from "./agent.ts";
import { ConfigError } from "./options.ts";
import { defineTool, type DefinedTool, type ToolOptions } from "./tool.ts";

const input = z.object({
  input: z.string().min(1).max(200_000).describe("The task, with all that the agent needs to know."),
});

/** What `agentTool` takes besides the agent. */
export type AgentToolOptions = Partial<
  Pick<
    ToolOptions<typeof input>,
    | "name"
    | "description"
    | "reversibility"
    | "impact"
    | "requiresConfirmation"
    | "handles"
    | "timeoutSeconds"
    | "onTimeout"
    | "timeoutAction"
    | "version"
    | "title"
    | "describe"
  >
>;

/**
 * Makes an agent a tool of other agents: each call of it is a run of that agent, and its answer is the call's result.
 *
 * The call itself is like any other: the policy is asked, a person may have to confirm, it starts once. While the agent works
 * the call waits. What its own tools need a person for is held as ever, and shows at the run of whoever called it, with the
 * path of agents. Cancel, kill, pause and resume of the caller reach it. End user, metadata and starter are the caller's.
 *
 * `name` is the agent's id where none is given. Without `requiresConfirmation` and `reversibility` the call proceeds by itself:
 * what the agent then does is held as its tools say.
 *
 * @example
 * const support = defineAgent({ id: "support", …, tools: [agentTool(refunds)] });
 */
export function agentTool(agent: DefinedAgent, options: AgentToolOptions = {}): DefinedTool {
  const name = options.name ?? agent.id;
  if ("execute" in options || "input" in options)
    throw new ConfigError(`Tool "${name}": an agent takes {input: string} and does the work itself.`);
  const isUndeclared = options.requiresConfirmation === undefined && options.reversibility === undefined;
  const tool = defineTool({
    ...options,
    name,
    description:
      options.description ?? `Gives a task to the agent "${agent.name}", and returns what it answers.`,
    input,
    ...(isUndeclared && { reversibility: "reversible" as const, requiresConfirmation: false }),
    // Another agent behind the same name is another tool (I8).
    version: [agent.id, options.version].filter((part) => part !== undefined).join(" "),
    // Started again it finds the run that it has made: nothing is done twice (I2).
    idempotent: true,
    execute() {
      throw new TypeError(`${name} is an agent: the service runs it.`);
    },
  });
  return Object.freeze({ ...tool, agent });
}
