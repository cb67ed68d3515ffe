import { createId, type DecisionInput, type Run } from "@holdpoint/protocol";
import pino, { type Logger } from "pino";
import { expect } from "vitest";
import { defineAgent, type AgentOptions } from "../../src/agents/agent.ts";
import { Models } from "../../src/agents/models/models.ts";
import { AgentDirectory } from "../../src/agents/agent-directory.ts";
import { Principals } from "../../src/identity/principal.ts";
import { Registry } from "../../src/agents/registry.ts";
import { createWakeups, midwayTopic, type Wakeups } from "../../src/events/wakeups.ts";
import { decideHold } from "../../src/holds/decide-hold.ts";
import { SchemaCheck } from "../../src/holds/schema-check.ts";
import { PolicyStore } from "../../src/policies/policy-store.ts";
import { toolsOfPolicy } from "../../src/policies/tools-of-policy.ts";
import { createRun } from "../../src/runs/create-run.ts";
import type { FaultPoints } from "../../src/runs/journal.ts";
import { waitFor } from "../../src/events/wait-for.ts";
import { getRun } from "../../src/runs/read-runs.ts";
import { createRunWorker, type RunWorker, type RunWorkerOptions } from "../../src/runs/run-worker.ts";
import { seedOrganisation, type SeededOrganisation } from "../../src/testing/organisation.ts";
import type { TestStore } from "../../src/testing/stores.ts";

export interface RunFixture {
  readonly organisation: SeededOrganisation;
  readonly wakeups: Wakeups;
  /** What workers logged, as JSON lines. */
  readonly logged: string[];
  /** Another worker on the same database, with a wake-up of its own when it is a process of its own. */
  startWorker(
    options?: Partial<RunWorkerOptions> & { agentOptions?: Partial<AgentOptions> },
  ): Promise<RunWorker>;
  /** Starts a run. */
  start(input: string, more?: { sessionId?: string; endUserId?: string }): Promise<string>;
  /** The run, once it is so. Fails when that does not come about. */
  until(runId: string, isSo: (run: Run) => boolean): Promise<Run>;
  ended(runId: string): Promise<Run>;
  holding(runId: string, pendingHolds?: number): Promise<Run>;
  decide(holdId: string, input: DecisionInput): Promise<void>;
  /** Approves with the hash of what is shown. */
  approve(run: Run, index?: number): Promise<void>;
  eventTypes(runId: string): Promise<string[]>;
  stop(): Promise<void>;
}

export type FixtureAgent = Omit<AgentOptions, "id" | "name" | "model"> & Partial<AgentOptions>;

/** An organisation with one agent, and as many workers as the test starts. */
export async function createRunFixture(
  store: TestStore,
  agentOptions: FixtureAgent,
  environment: Record<string, string> = {},
  existing?: SeededOrganisation,
): Promise<RunFixture> {
  const { database } = store;
  const organisation = existing ?? (await seedOrganisation(database));
  const logged: string[] = [];
  const logger: Logger = pino({ level: "info" }, { write: (line: string) => void logged.push(line) });
  const wakeups = await createWakeups({ database, instanceId: createId("wrk"), logger });
  const models = new Models(environment);
  const workers: RunWorker[] = [];
  const registryWith = (more: Partial<AgentOptions> = {}): Registry =>
    new Registry({
      agents: [defineAgent({ id: "tester", name: "Tester", model: "openai/none", ...agentOptions, ...more })],
    });
  const registry = registryWith();

  const fixture: RunFixture = {
    organisation,
    wakeups,
    logged,
    async startWorker({ agentOptions: changes, ...options } = {}) {
      const tools = registryWith(changes);
      const worker = createRunWorker({
        database,
        registry: tools,
        policies: new PolicyStore({ database, tools: toolsOfPolicy(tools.listTools()), logger }),
        models,
        wakeups,
        logger,
        config: { modelCallsPerMinute: undefined },
        instanceId: createId("wrk"),
        pollMs: 50,
        graceMs: 1,
        ...options,
      });
      await worker.start();
      workers.push(worker);
      return worker;
    },
    async start(input, more = {}) {
      const { run } = await createRun(
        {
          database,
          agents: new AgentDirectory(database, registry),
          principals: new Principals(database),
          models,
          wakeups,
        },
        {
          credentialHash: organisation.adminHash,
          agentId: "tester",
          body: { input, ...more },
          idempotencyKey: undefined,
        },
      );
      return run.id;
    },
    async until(runId, isSo) {
      const run = await waitFor({
        wakeups,
        topics: [`run:${runId}`, midwayTopic(runId)],
        timeoutMs: 15_000,
        signal: undefined,
        read: () => getRun(database, organisation.adminHash, runId),
        isDone: isSo,
      });
      expect(isSo(run), `the run came to be: ${JSON.stringify(run, null, 1)}\n${logged.join("")}`).toBe(true);
      return run;
    },
    ended: (runId) => fixture.until(runId, ({ endedAt }) => endedAt !== null),
    holding: (runId, pendingHolds = 1) =>
      fixture.until(
        runId,
        ({ status, holds }) =>
          status === "holding" && holds.filter((hold) => hold.status === "pending").length === pendingHolds,
      ),
    async decide(holdId, input) {
      await decideHold(
        {
          database,
          tools: registry,
          schemas: new SchemaCheck(),
          published: (orgId, hold) =>
            wakeups.publish([`hold:${hold.id}`, `org:${orgId}`, `run:${hold.runId}`, "advance"]),
        },
        { credentialHash: organisation.adminHash, holdId, input, via: "api", idempotencyKey: undefined },
      );
    },
    async approve(run, index = 0) {
      const hold = run.holds.filter(({ status }) => status === "pending")[index];
      if (hold?.action == null) throw new Error("There is no pending hold with an action.");
      await fixture.decide(hold.id, { verdict: "approve", actionHash: hold.action.hash });
    },
    async eventTypes(runId) {
      const rows = await database.transaction(async (tx) => {
        await tx.query("select set_config('hp.org_id', $1, true)", [organisation.orgId]);
        return tx.query<{ type: string }>(
          "select type from holdpoint.events where run_id = $1 order by xid, id",
          [runId],
        );
      });
      return rows.map(({ type }) => type);
    },
    async stop() {
      await Promise.all(workers.map((worker) => worker.stop()));
      await wakeups.close();
    },
  };
  return fixture;
}

/** Lets a worker die at a point: it never comes back from there, as after `kill -9`. */
export function dieAt(point: string, occurrence = 1): FaultPoints & { died: Promise<void> } {
  const { promise, resolve } = Promise.withResolvers<void>();
  let hits = 0;
  return {
    died: promise,
    hit(reached) {
      if (reached !== point) return undefined;
      hits += 1;
      if (hits !== occurrence) return undefined;
      resolve();
      return Promise.withResolvers<void>().promise; // never settles
    },
  };
}
