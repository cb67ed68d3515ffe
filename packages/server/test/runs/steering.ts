import type { AmendCall, ForkRun, GiveResult, RunNote, RunSummary, ToolCall } from "@holdpoint/protocol";
import pino from "pino";
import { defineAgent } from "../../src/agents/agent.ts";
import { Models } from "../../src/agents/models/models.ts";
import { AgentDirectory } from "../../src/agents/agent-directory.ts";
import { Registry } from "../../src/agents/registry.ts";
import { PolicyStore } from "../../src/policies/policy-store.ts";
import { toolsOfPolicy } from "../../src/policies/tools-of-policy.ts";
import { amendCall } from "../../src/runs/amend-call.ts";
import { forkRun } from "../../src/runs/fork-run.ts";
import { giveResult, withdrawCall } from "../../src/runs/steer-call.ts";
import { tellRun, type SteerRequest } from "../../src/runs/tell-run.ts";
import { createToolDatabase } from "../../src/runs/tool-database.ts";
import type { TestStore } from "../../src/testing/stores.ts";
import type { FixtureAgent, RunFixture } from "./run-fixture.ts";

type More = Partial<Pick<SteerRequest, "credentialHash" | "idempotency">>;

/** What an operator does to runs of the fixture's agent; by its admin unless said otherwise. */
export interface Steering {
  tell(runId: string, text: string, more?: More): Promise<RunNote>;
  give(runId: string, callId: string, body: GiveResult, more?: More): Promise<ToolCall>;
  withdraw(runId: string, callId: string, reason: string, more?: More): Promise<ToolCall>;
  amend(runId: string, callId: string, body: AmendCall, more?: More): Promise<ToolCall>;
  fork(runId: string, body: ForkRun, more?: More): Promise<RunSummary>;
}

export function steering(store: TestStore, fixture: RunFixture, agent: FixtureAgent): Steering {
  const { database } = store;
  const logger = pino({ level: "silent" });
  const registry = new Registry({
    agents: [defineAgent({ id: "tester", name: "Tester", model: "openai/none", ...agent })],
  });
  const deps = {
    database,
    wakeups: fixture.wakeups,
    registry,
    agents: new AgentDirectory(database, registry),
    models: new Models({}),
    policies: new PolicyStore({ database, tools: toolsOfPolicy(registry.listTools()), logger }),
    toolDatabase: createToolDatabase(database),
    logger,
    stopping: new AbortController().signal,
  };
  const request = (runId: string, more: More = {}): SteerRequest => ({
    credentialHash: fixture.organisation.adminHash,
    runId,
    idempotency: undefined,
    ...more,
  });
  return {
    tell: (runId, text, more) => tellRun(deps, { ...request(runId, more), body: { text } }),
    give: (runId, callId, body, more) => giveResult(deps, { ...request(runId, more), callId, body }),
    withdraw: (runId, callId, reason, more) =>
      withdrawCall(deps, { ...request(runId, more), callId, reason }),
    amend: (runId, callId, body, more) => amendCall(deps, { ...request(runId, more), callId, body }),
    fork: (runId, body, more) => forkRun(deps, { ...request(runId, more), body }),
  };
}
