import {
  createAgentSchema,
  createRunSchema,
  isTerminalRun,
  textSchema,
  type CreateAgent,
} from "@holdpoint/protocol";
import { z } from "zod";
import { START_OF_LOG } from "../events/event-log.ts";
import { eventStreamResponse } from "../events/event-stream.ts";
import type { EventStreams } from "../events/event-streams.ts";
import { createAgent, deleteAgent, type StoredAgentDeps } from "../fleet/stored-agents.ts";
import type { DecideHoldDeps } from "../holds/decide-hold.ts";
import { credentialHashOf, pathParameter } from "../http/credential.ts";
import { replyOf } from "../http/raw-reply.ts";
import { parseWith, readIdempotencyKey } from "../http/request.ts";
import { route, type App } from "../http/route.ts";
import { requireRight, type Principals } from "../identity/principal.ts";
import { ProblemError } from "../problem.ts";
import { createRun, type CreateRunDeps } from "../runs/create-run.ts";
import { READERS_OF_RUNS } from "../runs/read-runs.ts";
import type { DialectErrors } from "./dialect.ts";
import { addAuditRoutes } from "./glaip/audit-routes.ts";
import { glaipChunks } from "./glaip/chunks.ts";
import { addDecisionRoutes } from "./glaip/decision-routes.ts";

export interface GlaipDeps extends CreateRunDeps, StoredAgentDeps, DecideHoldDeps {
  database: CreateRunDeps["database"];
  principals: Principals;
  streams: EventStreams;
  wakeups: CreateRunDeps["wakeups"];
}

const OWN_PATH = /^\/(agents\/?|agents\/hitl(\/.*)?|agents\/[^/]+(\/run)?|tools(\/.*)?)$/;
/** What is wrong in one of these is 400 here; what is wrong in any other part of a body is 422. */
const PARAMETERS = new Set([
  "decision",
  "page",
  "limit",
  "start_date",
  "end_date",
  "decision_type",
  "agent_id",
  "sort_order",
]);

/** `{error, message, details?}`. */
export const glaipErrors: DialectErrors = {
  owns: (path) => OWN_PATH.test(path),
  render(problem, requestId) {
    const { status, error } = wordOf(problem);
    const details = { ...problem.details, code: problem.problemCode, request_id: requestId };
    return { status, body: { error, message: problem.message, details } };
  },
  schema: z.looseObject({ error: z.string(), message: z.string(), details: z.looseObject({}).optional() }),
};

function wordOf(problem: ProblemError): { status: number; error: string } {
  const { problemCode: code, status, details } = problem;
  const [first] = (details["errors"] ?? []) as { path: string }[];
  switch (code) {
    case "unauthorized":
      return { status, error: "unauthorized" };
    case "invalid_json":
      return { status, error: "invalid_parameter" };
    case "invalid_request":
      return first !== undefined && PARAMETERS.has(first.path)
        ? { status: 400, error: "invalid_parameter" }
        : { status, error: "validation_error" };
    case "verdict_not_allowed":
      return { status: 400, error: "invalid_parameter" };
    // Whoever decides too late is told as whoever decides second.
    case "expired":
      return { status: 409, error: "conflict" };
    default:
      if (status === 403) return { status, error: "forbidden" };
      return { status, error: status === 409 ? "conflict" : code };
  }
}

const toolConfigSchema = z.looseObject({
  hitl: z.looseObject({ timeout_seconds: z.int().min(1).max(31_536_000).optional() }).optional(),
});
const agentSchema = z.looseObject({
  name: createAgentSchema.shape.name,
  instruction: textSchema(100_000).default(""),
  type: z.string().default("config"),
  tools: z.array(textSchema(64, 1)).max(100).default([]).describe("Tools of the config file, by name."),
  agent_config: z
    .looseObject({
      hitl_enabled: z.boolean().default(false),
      lm_provider: textSchema(100, 1).nullish(),
      lm_name: textSchema(100, 1).nullish(),
    })
    .prefault({}),
  tool_configs: z.record(textSchema(64, 1), toolConfigSchema).default({}),
});
const madeSchema = z.object({
  agent_id: z.string(),
  id: z.string(),
  name: z.string(),
  type: z.literal("config"),
});
const doneSchema = z.object({ success: z.literal(true), message: z.string() });
const runSchema = z.looseObject({ input: createRunSchema.shape.input });
const LAST_EVENTS = new Set<string>(["run.completed", "run.failed", "run.cancelled", "run.killed"]);

/**
 * The protocol of GLAIP over the native agents, runs and holds. Nothing is decided, kept or known here that the native API does
 * not have. `/agents/hitl` comes before `/agents/{id}`; no agent has that id.
 */
export function addGlaipRoutes(app: App, deps: GlaipDeps): void {
  addDecisionRoutes(app, deps);
  addAuditRoutes(app, deps);
  addAgentRoutes(app, deps);
  addRunRoute(app, deps);
  addToolRoutes(app, deps);
}

function addAgentRoutes(app: App, deps: GlaipDeps): void {
  // The protocol writes the slash; frameworks of clients like to take it away.
  for (const path of ["/agents/", "/agents"]) {
    route(
      app,
      {
        method: "post",
        path,
        tag: "GLAIP",
        summary: "Make an agent of the config's tools",
        body: agentSchema,
        responses: { 201: { description: "The agent", schema: madeSchema } },
      },
      async (context, { body }) => {
        const agent = await createAgent(deps, {
          credentialHash: credentialHashOf(context),
          body: nativeAgent(body),
          idempotencyKey: readIdempotencyKey(context),
        });
        return context.json({ agent_id: agent.id, id: agent.id, name: agent.name, type: "config" }, 201);
      },
    );
  }
  route(
    app,
    {
      method: "delete",
      path: "/agents/{agent_id}",
      tag: "GLAIP",
      summary: "Take away an agent that was made here",
      responses: { 200: { description: "It is gone", schema: doneSchema } },
    },
    async (context) => {
      const id = pathParameter(context, "agent_id");
      await deleteAgent(deps, { credentialHash: credentialHashOf(context), id });
      return context.json({ success: true, message: `Agent ${id} deleted` });
    },
  );
}

function nativeAgent(body: z.output<typeof agentSchema>): CreateAgent {
  if (body.type !== "config")
    throw new ProblemError(
      "unsupported",
      `An agent of type "${body.type}" cannot be made here: only "config".`,
      {
        errors: [{ path: "type", message: "must be config" }],
      },
    );
  const { hitl_enabled: isHitlOn, lm_provider: provider, lm_name: name } = body.agent_config;
  // Also where nothing is set for it: a misspelt tool would lose the gate that it was to have.
  const settings = Object.entries(body.tool_configs).map(
    ([tool, { hitl }]) =>
      [tool, isHitlOn && hitl !== undefined ? settingsOf(hitl.timeout_seconds) : {}] as const,
  );
  const made = {
    name: body.name,
    instructions: body.instruction,
    tools: [...new Set(body.tools)],
    toolSettings: Object.fromEntries(settings),
    ...(name != null && { model: provider == null ? name : `${provider}/${name}` }),
  };
  return parseWith(createAgentSchema, made, "agent");
}

/** Silence skips: the agent goes on without the tool. */
function settingsOf(timeoutSeconds: number | undefined): CreateAgent["toolSettings"][string] {
  return {
    requiresConfirmation: true,
    onTimeout: "skip",
    ...(timeoutSeconds !== undefined && { timeoutSeconds }),
  };
}

function addRunRoute(app: App, deps: GlaipDeps): void {
  route(
    app,
    {
      method: "post",
      path: "/agents/{agent_id}/run",
      tag: "GLAIP",
      summary: "Run an agent; the stream stays open over decisions and ends with the run",
      body: runSchema,
      responses: { 200: { description: "The run's chunks", type: "text/event-stream" } },
    },
    async (context, { body }) => {
      const credentialHash = credentialHashOf(context);
      const { principals, streams } = deps;
      // Asked for before there is a run: one that nobody hears of would be started for nothing.
      streams.assertRoom(credentialHash);
      const { run } = await createRun(deps, {
        credentialHash,
        agentId: pathParameter(context, "agent_id"),
        body: { input: body.input },
        idempotencyKey: readIdempotencyKey(context),
      });
      return eventStreamResponse({
        streams,
        credential: credentialHash,
        filter: { orgId: run.orgId, runId: run.id },
        after: START_OF_LOG,
        assertMayRead: async () => requireRight(await principals.getAgain(credentialHash), READERS_OF_RUNS),
        isLast: (event) => LAST_EVENTS.has(event.type) && event.runId === run.id,
        isOver: isTerminalRun(run.status),
        encoding: glaipChunks(run.id),
        headers: { "x-run-id": run.id },
        ...replyOf(context),
      });
    },
  );
}

function addToolRoutes(app: App, deps: GlaipDeps): void {
  const refused = { 422: { description: "Not offered, and why" } };
  route(
    app,
    {
      method: "post",
      path: "/tools/upload",
      tag: "GLAIP",
      summary: "Refused: tools come with the config file",
      responses: refused,
    },
    async (context) => {
      await deps.principals.get(credentialHashOf(context));
      throw new ProblemError(
        "unsupported",
        "Code is not taken over the API: this server would run whatever somebody who has got hold of a key sends. Define the tool in the config file, and name it in `tools`.",
      );
    },
  );
  route(
    app,
    {
      method: "delete",
      path: "/tools/{tool_id}",
      tag: "GLAIP",
      summary: "Refused: tools stay as long as the config file has them",
      responses: refused,
    },
    async (context) => {
      await deps.principals.get(credentialHashOf(context));
      const name = pathParameter(context, "tool_id");
      if (deps.registry.findTool(name) === undefined)
        throw new ProblemError("not_found", `There is no tool ${name} here.`);
      throw new ProblemError("unsupported", `${name} is a tool of the config file: take it out there.`);
    },
  );
}
