import {
  canonicalJson,
  createId,
  sha256Of,
  type CreateRun,
  type JsonValue,
  type OnNewMessage,
  type registerRunSchema,
  type RunSummary,
} from "@holdpoint/protocol";
import type { z } from "zod";
import type { Models } from "../agents/models/models.ts";
import type { AgentDirectory } from "../agents/agent-directory.ts";
import type { Database } from "../database/database.ts";
import type { Wakeups } from "../events/wakeups.ts";
import type { Principals } from "../identity/principal.ts";
import { ProblemError } from "../problem.ts";
import { IncreasingIds } from "./increasing-id.ts";
import { endRunsBelow } from "./nested-runs.ts";
import { runRefusal, type RunAnswer } from "./run-refusal.ts";
import { renderRunSummary, type RunRow } from "./run-row.ts";

export interface CreateRunDeps {
  database: Database;
  agents: AgentDirectory;
  principals: Pick<Principals, "origin">;
  models: Models;
  wakeups: Wakeups;
}

export interface CreateRunRequest {
  credentialHash: string;
  agentId: string;
  body: CreateRun;
  idempotencyKey: string | undefined;
}

export interface RegisterRunRequest {
  credentialHash: string;
  body: z.output<typeof registerRunSchema>;
  idempotencyKey: string | undefined;
}

/** Registers a run that another process works on: it runs from now on, and nobody here takes it. One round trip. */
export async function registerRun(
  deps: Pick<CreateRunDeps, "database" | "wakeups">,
  { body, idempotencyKey, credentialHash }: RegisterRunRequest,
): Promise<{ run: RunSummary; isRepeated: boolean }> {
  return storeRun(deps, body.agentId, {
    credentialHash,
    run: {
      id: createId("run"),
      agent_id: body.agentId,
      input: body.input,
      session_id: body.sessionId,
      end_user_id: body.endUserId,
      metadata: body.metadata,
      max_steps: 0,
      heartbeat_seconds: body.heartbeatSeconds,
      idempotency_key: idempotencyKey,
      body_hash: idempotencyKey === undefined ? undefined : sha256Of(canonicalJson(body as JsonValue)),
    },
    message: { role: "user", content: body.input },
    messageId: createId("msg"),
    eventId: createId("evt"),
  });
}

async function storeRun(
  deps: Pick<CreateRunDeps, "database" | "wakeups">,
  agentId: string,
  command: RunCommand,
): Promise<{ run: RunSummary; isRepeated: boolean }> {
  const answer = await queueRun(deps.database, command);
  if (answer.code === "agent_not_found") throw noAgent(agentId);
  if (answer.code !== "ok" && answer.code !== "repeated") throw runRefusal(answer, agentId);
  if (answer.code === "ok") {
    const superseded = (answer.superseded ?? []).flatMap(({ runId, holdIds }) => [
      `run:${runId}`,
      `control:${runId}`,
      ...(holdIds ?? []).map((id) => `hold:${id}`),
    ]);
    deps.wakeups.publish(["advance", `run:${answer.run.id}`, `org:${answer.run.org_id}`, ...superseded]);
    for (const { runId, children } of answer.superseded ?? []) {
      const caller = { id: runId, org_id: answer.run.org_id };
      await endRunsBelow(deps, caller, children ?? [], "A newer message took its place.");
    }
  }
  return { run: renderRunSummary(answer.run), isRepeated: answer.code === "repeated" };
}

/** What `create_run_v1` takes of it. */
interface RunCommand {
  run: { session_id: string | undefined } & Record<string, unknown>;
  onNewMessage?: OnNewMessage;
  [member: string]: unknown;
}

interface CreateAnswer extends RunAnswer {
  /** Of `session_busy` the one that is not over. */
  run: RunRow;
  superseded?: { runId: string; holdIds: string[] | null; children: string[] | null }[] | null;
  runs?: number;
  room?: number;
}

const MAX_TRIES = 10;

/**
 * Queues a run; a worker takes it up at once, or when the one before it in its session is over. One round trip, and one more
 * where the agent was made over the API.
 * `isRepeated`: this very request was made before. Throws `session_busy` where the agent refuses what comes in between.
 */
export async function createRun(
  deps: CreateRunDeps,
  request: CreateRunRequest,
): Promise<{ run: RunSummary; isRepeated: boolean }> {
  const { body, agentId } = request;
  const agent = await deps.agents.findFor(() => deps.principals.origin(request.credentialHash), agentId);
  if (agent === undefined) throw noAgent(agentId);
  const bodyHash =
    request.idempotencyKey === undefined
      ? undefined
      : sha256Of(canonicalJson({ agentId, ...body } as JsonValue));
  return storeRun(deps, agentId, {
    credentialHash: request.credentialHash,
    run: {
      id: createId("run"),
      agent_id: agentId,
      input: body.input,
      session_id: body.sessionId,
      end_user_id: body.endUserId,
      metadata: body.metadata,
      model: deps.models.describe(agent).label,
      max_steps: agent.maxSteps,
      idempotency_key: request.idempotencyKey,
      body_hash: bodyHash,
    },
    message: { role: "user", content: body.input },
    messageId: createId("msg"),
    onNewMessage: agent.onNewMessage,
    ...(deps.agents.isStored(agent) && { isStored: true }),
  });
}

function noAgent(agentId: string): ProblemError {
  return new ProblemError("not_found", `There is no agent ${agentId} here.`);
}

/** Asked again with more ids for events where more is to be closed than they were for; nothing was done then. */
async function queueRun(database: Database, command: RunCommand): Promise<CreateAnswer> {
  let [runs, room] = [4, 16];
  for (let tries = 0; tries < MAX_TRIES; tries++) {
    const ends =
      command.onNewMessage === "supersede" && command.run.session_id !== undefined
        ? idsOfEnds(runs, room)
        : undefined;
    const answer = (await database.callIdempotent("create_run_v1", { ...command, ends })) as CreateAnswer;
    if (answer.code !== "again") return answer;
    runs = Math.max(runs, answer.runs ?? 0);
    room = Math.max(room, (answer.room ?? 0) + 16);
  }
  throw new ProblemError("conflict", "What is to be superseded changes too fast just now. Send it again.");
}

/** In the order in which the log tells it: the holds of a run, what is unknown now, and then that it is over. */
function idsOfEnds(runs: number, room: number): object[] {
  const ids = new IncreasingIds();
  const some = (): string[] => Array.from({ length: room }, () => ids.next("evt"));
  return Array.from({ length: runs }, () => ({
    holdEventIds: some(),
    callEventIds: some(),
    eventId: ids.next("evt"),
  }));
}
