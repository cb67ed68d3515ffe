import { agentSchema, createAgentSchema } from "@holdpoint/protocol";
import { z } from "zod";
import { listAgents, type AgentDeps } from "../fleet/agents.ts";
import { createAgent, deleteAgent, type StoredAgentDeps } from "../fleet/stored-agents.ts";
import { ProblemError } from "../problem.ts";
import { credentialHashOf, pathParameter } from "./credential.ts";
import { readIdempotencyKey } from "./request.ts";
import { route, type App } from "./route.ts";
import { pageOf, pageSchema } from "./whole-list.ts";

export type AgentRouteDeps = AgentDeps & StoredAgentDeps;

/** The agents: those of the config, those that are made here, and those elsewhere. */
export function addAgentRoutes(app: App, deps: AgentRouteDeps): void {
  const tag = "Agents";
  route(
    app,
    {
      method: "get",
      path: "/v1/agents",
      tag,
      summary: "List agents",
      query: pageSchema,
      responses: {
        200: {
          description: "A page",
          schema: z.object({ data: z.array(agentSchema), nextCursor: z.string().nullable() }),
        },
      },
    },
    async (context, { query }) => {
      const agents = await listAgents(deps, credentialHashOf(context));
      return context.json(pageOf("agents", agents, ({ id }) => id, query));
    },
  );
  route(
    app,
    {
      method: "get",
      path: "/v1/agents/{id}",
      tag,
      summary: "One agent",
      responses: { 200: { description: "The agent", schema: agentSchema } },
    },
    async (context) => {
      const id = pathParameter(context, "id");
      const agents = await listAgents(deps, credentialHashOf(context));
      const agent = agents.find((one) => one.id === id);
      if (agent === undefined) throw new ProblemError("not_found", `There is no agent ${id} here.`);
      return context.json(agent);
    },
  );
  route(
    app,
    {
      method: "post",
      path: "/v1/agents",
      tag,
      summary:
        "Make an agent of the config's tools; it may demand more confirmation than they do, never less",
      body: createAgentSchema,
      responses: { 201: { description: "The agent", schema: agentSchema } },
    },
    async (context, { body }) =>
      context.json(
        await createAgent(deps, {
          credentialHash: credentialHashOf(context),
          body,
          idempotencyKey: readIdempotencyKey(context),
        }),
        201,
      ),
  );
  route(
    app,
    {
      method: "delete",
      path: "/v1/agents/{id}",
      tag,
      summary: "Take away an agent that was made here; its runs and the log stay",
      responses: { 204: { description: "It is gone" } },
    },
    async (context) => {
      await deleteAgent(deps, {
        credentialHash: credentialHashOf(context),
        id: pathParameter(context, "id"),
      });
      return context.body(null, 204);
    },
  );
}
