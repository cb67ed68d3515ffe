import { useQuery } from "@tanstack/react-query";
import type { Agent } from "@holdpoint/protocol";
import { agentsQuery } from "../service/queries.ts";

/** The agents, and the name of one by its id (the id itself where the agent runs elsewhere). */
export function useAgents(): { agents: Agent[]; nameOf: (id: string | null) => string } {
  const { data: agents = [] } = useQuery(agentsQuery);
  return {
    agents,
    nameOf: (id) => agents.find((agent) => agent.id === id)?.name ?? id ?? "A program",
  };
}
