import type { Agent, StandingOrder } from "@holdpoint/protocol";
import type { Models } from "../agents/models/models.ts";
import { renderAgent, type AgentOfConfig, type Registry } from "../agents/registry.ts";
import type { Database } from "../database/database.ts";
import { renderStoredAgent } from "./stored-agents.ts";
import { listOrders } from "./standing-orders.ts";

export interface AgentDeps {
  database: Database;
  registry: Registry;
  models: Models;
}

/** The agents of the config, those that were made over the API, and those elsewhere that have a run or are under an order; each with what stands over it. */
export async function listAgents(deps: AgentDeps, credentialHash: string): Promise<Agent[]> {
  const { orders, stored, agents: elsewhere } = await listOrders(deps.database, credentialHash);
  const over = (kind: StandingOrder["kind"], scope: StandingOrder["scope"], subject: string) =>
    orders.find((order) => order.kind === kind && order.scope === scope && order.subject === subject) ?? null;
  const ofConfig = deps.registry.listAgents().map((agent) => renderAgent(agent, deps.models));
  const known: AgentOfConfig[] = [
    ...ofConfig,
    // An agent of the config counts before one of the same id.
    ...stored.flatMap((row) =>
      deps.registry.findAgent(row.id) === undefined ? [renderStoredAgent(deps, row)] : [],
    ),
  ];
  const ids = new Set(known.map(({ id }) => id));
  const others = orders.flatMap(({ scope, subject }) =>
    scope === "agent" && subject !== null ? [subject] : [],
  );
  const external = [...new Set([...elsewhere, ...others])].filter((id) => !ids.has(id)).toSorted();
  return [...known, ...external.map(renderExternal)].map((agent) => ({
    ...agent,
    paused: over("pause", "agent", agent.id),
    held: over("hold", "agent", agent.id),
    tools: agent.tools.map((tool) => ({ ...tool, held: over("hold", "tool", tool.name) })),
  }));
}

function renderExternal(id: string): AgentOfConfig {
  return {
    id,
    name: id,
    model: "",
    isScripted: false,
    markdown: false,
    source: "external",
    onNewMessage: "queue",
    tools: [],
  };
}
