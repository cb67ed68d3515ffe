import {
  canonicalJson,
  createId,
  sha256Of,
  type CreateRun,
  type JsonValue,
  type registerRunSchema,
  type RunSummary,
} from "@holdpoint/protocol";
import type { z } from "zod";
import type { Models } from "../agents/models/models.ts";
import type { Registry } from "../agents/registry.ts";
import type { Database } from "../database/database.ts";
import type { Wakeups } from "../events/wakeups.ts";
import { commonRefusal } from "../identity/common-refusal.ts";
import { ProblemError } from "../problem.ts";
import { renderRunSummary, type RunRow } from "./run-row.ts";

export interface CreateRunDeps {
  database: Database;
  registry: Registry;
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
  command: object,
): Promise<{ run: RunSummary; isRepeated: boolean }> {
  const answer = (await deps.database.callIdempotent("create_run_v1", command)) as RunAnswer & {
    run: RunRow;
  };
  if (answer.code !== "ok" && answer.code !== "repeated") throw runRefusal(answer, agentId);
  if (answer.code === "ok") {
    deps.wakeups.publish(["advance", `run:${answer.run.id}`, `org:${answer.run.org_id}`]);
  }
  return { run: renderRunSummary(answer.run), isRepeated: answer.code === "repeated" };
}

export interface RunAnswer {
  code: string;
  needs?: string;
}

/** Queues a run; a worker takes it up at once. One round trip. `isRepeated`: this very request was made before. */
export async function createRun(
  deps: CreateRunDeps,
  request: CreateRunRequest,
): Promise<{ run: RunSummary; isRepeated: boolean }> {
  const { body, agentId } = request;
  const agent = deps.registry.findAgent(agentId);
  if (agent === undefined) throw new ProblemError("not_found", `There is no agent ${agentId} here.`);
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
  });
}

/** The refusal of a hot function of runs as the problem it is told as. */
export function runRefusal(answer: RunAnswer, subject: string): ProblemError {
  switch (answer.code) {
    case "not_found":
      return new ProblemError("not_found", `There is no run ${subject} here.`);
    default: {
      const common = commonRefusal(answer);
      if (common !== undefined) return common;
      throw new TypeError(`hot function answered with an unknown code: ${answer.code}`);
    }
  }
}
