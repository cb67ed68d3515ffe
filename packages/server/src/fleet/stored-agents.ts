import {
  canonicalJson,
  createId,
  nearestName,
  sha256Of,
  type Agent,
  type CreateAgent,
  type JsonValue,
} from "@holdpoint/protocol";
import type { Models } from "../agents/models/models.ts";
import { renderAgent, type Registry } from "../agents/registry.ts";
import { defineStoredAgent, type StoredAgentRow } from "../agents/stored-agent.ts";
import type { Database } from "../database/database.ts";
import type { Wakeups } from "../events/wakeups.ts";
import { commonRefusal, type CommonAnswer } from "../identity/common-refusal.ts";
import { ProblemError } from "../problem.ts";

export interface StoredAgentDeps {
  database: Database;
  registry: Registry;
  models: Models;
  wakeups: Pick<Wakeups, "publish">;
}

interface CreateAnswer extends CommonAnswer {
  agent?: StoredAgentRow;
  why?: "agent" | "run" | "grant";
  by?: string;
}

/**
 * Makes an agent of the config's tools, for this organisation alone; it may demand more than tools and policy do, never less
 * (I1, I13). One round trip. Throws `conflict` for an id that is taken, `invalid_request` for unknown tools, `not_allowed` for all
 * but operators and admins.
 */
export async function createAgent(
  deps: StoredAgentDeps,
  request: { credentialHash: string; body: CreateAgent; idempotencyKey: string | undefined },
): Promise<Agent> {
  const { body, idempotencyKey } = request;
  const id = body.id ?? createId("agt");
  if (deps.registry.findAgent(id) !== undefined) throw taken(id, "the config file has an agent of that id");
  checkTools(deps.registry, body);
  const agent = {
    id,
    name: body.name,
    model: body.model ?? null,
    instructions: body.instructions,
    tools: body.tools,
    tool_settings: body.toolSettings,
    markdown: body.markdown,
    max_steps: body.maxSteps,
    on_new_message: body.onNewMessage,
  };
  checkModel(deps, { ...agent, org_id: "" });
  const answer = (await deps.database.callIdempotent("create_agent_v1", {
    credentialHash: request.credentialHash,
    agent: {
      ...agent,
      idempotency_key: idempotencyKey,
      body_hash: idempotencyKey === undefined ? undefined : sha256Of(canonicalJson(body as JsonValue)),
    },
    eventId: createId("evt"),
  })) as CreateAnswer;
  const { agent: row } = answer;
  if ((answer.code !== "ok" && answer.code !== "repeated") || row === undefined) throw refusal(answer, id);
  deps.wakeups.publish([`org:${row.org_id}`]);
  return renderStoredAgent(deps, row);
}

/** Without what stands over it. */
export function renderStoredAgent(
  { registry, models }: Pick<StoredAgentDeps, "registry" | "models">,
  row: StoredAgentRow,
): Agent {
  const agent = renderAgent(defineStoredAgent(row, registry), models);
  return {
    ...agent,
    source: "api",
    tools: agent.tools.map((tool) => ({
      ...tool,
      settings: row.tool_settings[tool.name] ?? null,
      held: null,
    })),
    paused: null,
    held: null,
  };
}

/**
 * Takes away an agent that was made over the API; its runs and the log stay. One round trip. Throws `conflict` while a run of it
 * is not over, and for agents of the config; `not_found`, `not_allowed`.
 */
export async function deleteAgent(
  deps: Pick<StoredAgentDeps, "database" | "registry" | "wakeups">,
  { credentialHash, id }: { credentialHash: string; id: string },
): Promise<void> {
  const answer = (await deps.database.callIdempotent("delete_agent_v1", {
    credentialHash,
    id,
    eventId: createId("evt"),
  })) as CommonAnswer & { orgId?: string; runId?: string };
  switch (answer.code) {
    case "ok":
      deps.wakeups.publish([`org:${answer.orgId ?? ""}`]);
      return;
    case "busy":
      throw new ProblemError(
        "conflict",
        `Run ${answer.runId ?? ""} of agent ${id} is not over: wait for its end, or cancel it.`,
        { runId: answer.runId },
      );
    case "not_found":
      throw deps.registry.findAgent(id) === undefined
        ? new ProblemError("not_found", `There is no agent ${id} here.`)
        : new ProblemError("conflict", `Agent ${id} is one of the config file: take it out there.`);
    default:
      throw refusal(answer, id);
  }
}

function refusal(answer: CreateAnswer, id: string): ProblemError {
  switch (answer.code) {
    case "taken":
      return taken(id, WHY_TAKEN[answer.why ?? "agent"](answer.by ?? ""));
    case "full":
      return new ProblemError("conflict", "There are 1,000 agents already: delete those that nobody needs.");
    default: {
      const common = commonRefusal(answer);
      if (common !== undefined) return common;
      throw new TypeError(`hot function answered with an unknown code: ${answer.code}`);
    }
  }
}

const WHY_TAKEN = {
  agent: () => "there is one already, or was: an id never means another agent",
  run: (by: string) => `run ${by} of an agent of that id is not over`,
  grant: (by: string) => `grant ${by} is for an agent of that id`,
} as const;

function taken(id: string, why: string): ProblemError {
  return new ProblemError("conflict", `No agent can be made with the id ${id}: ${why}.`);
}

function checkTools(registry: Registry, { tools, toolSettings }: CreateAgent): void {
  const known = registry.listTools().map(({ name }) => name);
  const errors = [
    ...tools.flatMap((name, index) =>
      known.includes(name) ? [] : [{ path: `tools.${index}`, message: unknownTool(name, known) }],
    ),
    ...Object.keys(toolSettings).flatMap((name) =>
      tools.includes(name) ? [] : [{ path: `toolSettings.${name}`, message: "is for no tool of this agent" }],
    ),
  ];
  const [first] = errors;
  if (first !== undefined)
    throw new ProblemError("invalid_request", `The agent cannot be made: ${first.path} ${first.message}.`, {
      errors,
    });
}

function unknownTool(name: string, known: readonly string[]): string {
  const nearest = nearestName(name, known);
  return nearest === undefined
    ? `names ${name}, which the config has not; it has ${known.join(", ") || "no tools"}`
    : `names ${name}, which the config has not; did you mean ${nearest}?`;
}

/** An agent that could only ever fail is told of now, not at its first run. */
function checkModel(
  { registry, models }: Pick<StoredAgentDeps, "registry" | "models">,
  row: StoredAgentRow,
): void {
  const problem = models.findProblem(defineStoredAgent(row, registry));
  if (problem !== undefined)
    throw new ProblemError("invalid_request", problem, { errors: [{ path: "model", message: problem }] });
}
