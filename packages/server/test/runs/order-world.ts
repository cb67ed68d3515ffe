import {
  createId,
  HoldpointError,
  isTerminalHold,
  isTerminalRun,
  type DecisionInput,
  type Hold,
  type Run,
} from "@holdpoint/protocol";
import { z } from "zod";
import { agentTool } from "../../src/agents/agent-tool.ts";
import { defineAgent } from "../../src/agents/agent.ts";
import type { Script } from "../../src/agents/models/scripted-model.ts";
import { defineTool, type DefinedTool } from "../../src/agents/tool.ts";
import { waitFor } from "../../src/events/wait-for.ts";
import { controlRun, type ControlRunRequest } from "../../src/runs/control-run.ts";
import type { FaultPoints } from "../../src/runs/journal.ts";
import { getRun } from "../../src/runs/read-runs.ts";
import type { RunWorker } from "../../src/runs/run-worker.ts";
import type { TestStore } from "../../src/testing/stores.ts";
import { createRunFixture, type RunFixture } from "./run-fixture.ts";
import { obey } from "./test-tools.ts";

/** That a tool was done: once, or the test fails. */
export interface Effect {
  callId: string;
  runId: string;
  name: string;
  arguments: unknown;
}

/** A run with those that it has called. */
export interface RunTree {
  run: Run;
  children: RunTree[];
}

/** What may be refused, since somebody else was faster or it is over. */
const REFUSALS: ReadonlySet<string> = new Set([
  "already_decided",
  "expired",
  "action_changed",
  "run_ended",
  "conflict",
  "verdict_not_allowed",
  "validation_failed",
]);

/** Runs of a test's own on a real store, with one worker at a time that may die at any commit. */
export class OrderWorld {
  readonly runIds: string[] = [];
  readonly effects: Effect[];
  readonly store: TestStore;
  readonly fixture: RunFixture;
  /** How each hold has ended that has. */
  readonly #ended = new Map<string, string>();
  #worker: RunWorker | undefined;
  #workerId = "";
  #diesAfter = Number.POSITIVE_INFINITY;
  #died: (() => void) | undefined;

  private constructor(store: TestStore, fixture: RunFixture, effects: Effect[]) {
    this.store = store;
    this.effects = effects;
    this.fixture = fixture;
  }

  static async open(store: TestStore): Promise<OrderWorld> {
    const effects: Effect[] = [];
    const tools = orderTools(effects);
    const inner = defineAgent({ id: "inner", name: "Inner", model: "openai/none", tools, script });
    const fixture = await createRunFixture(store, { tools: [...tools, agentTool(inner)], script });
    const world = new OrderWorld(store, fixture, effects);
    await world.startWorker();
    return world;
  }

  async startWorker(): Promise<void> {
    this.#workerId = createId("wrk");
    this.#worker = await this.fixture.startWorker({
      instanceId: this.#workerId,
      faults: this.#mortality(),
      leaseSeconds: 60,
    });
  }

  async message(text: string): Promise<void> {
    this.runIds.push(await this.fixture.start(text));
  }

  /** The worker's process is gone, at the `commits`-th commit boundary from now or when nothing is left to do; another begins. */
  async crash(commits: number): Promise<void> {
    const died = new Promise<void>((resolve) => {
      this.#died = resolve;
    });
    this.#diesAfter = commits;
    await Promise.race([died, this.settle()]);
    this.#diesAfter = 0;
    await this.#worker?.stop();
    await this.store.database.call("drop_leases_v1", this.#workerId);
    this.#diesAfter = Number.POSITIVE_INFINITY;
    await this.startWorker();
  }

  async control(runId: string, action: ControlRunRequest["action"]): Promise<void> {
    await refusable(
      controlRun(
        { database: this.store.database, wakeups: this.fixture.wakeups },
        { credentialHash: this.fixture.organisation.adminHash, runId, action, reason: "by test" },
      ),
    );
  }

  async decide(hold: Hold, input: DecisionInput): Promise<void> {
    await refusable(this.fixture.decide(hold.id, input));
  }

  /** Deadlines pass, and are seen to. */
  async expire(): Promise<void> {
    await this.store.advance(301_000);
    await this.sweep();
  }

  /** As the sweeper does every second: what somebody else has locked is passed over until the next time. */
  async sweep(): Promise<void> {
    const ids = Array.from({ length: 20 }, () => createId("evt"));
    await this.store.database.call("expire_due_v1", ids);
    this.fixture.wakeups.publish(["advance"]);
  }

  /** Until nothing happens any more by itself: nobody works on a run, and none is due. */
  async settle(): Promise<void> {
    const { orgId } = this.fixture.organisation;
    const busy = await waitFor({
      wakeups: this.fixture.wakeups,
      topics: [`org:${orgId}`],
      timeoutMs: 20_000,
      signal: undefined,
      pollMs: () => 100,
      read: () =>
        this.store.database.transaction(async (tx) => {
          await tx.query("select set_config('hp.org_id', $1, true)", [orgId]);
          return tx.query<{ id: string }>(
            `select id from holdpoint.runs where org_id = $1 and status in ('queued', 'running', 'holding')
              and (lease_until is not null or advance_at is not null
                -- Its agent has ended, and it is about to be told: that may be a statement of its own (wake_run_v1).
                or exists (select from holdpoint.tool_calls c join holdpoint.runs k
                    on k.org_id = c.org_id and k.parent_run_id = c.run_id and k.parent_call_id = c.id
                  where c.org_id = runs.org_id and c.run_id = runs.id and c.status = 'suspended' and k.ended_at is not null))`,
            [orgId],
          );
        }),
      isDone: (rows) => rows.length === 0,
    });
    if (busy.length > 0) throw new Error(`They do not come to rest: ${await this.#told()}`);
  }

  /** Goes on with all that waits, as somebody would who wants the answers: whatever happened, everything comes to an end. */
  async finish(): Promise<RunTree[]> {
    for (let rounds = 0; ; rounds++) {
      await this.settle();
      await this.sweep(); // nobody has anything locked now
      await this.settle();
      const trees = await this.trees();
      const all = trees.flatMap(flatten);
      if (all.every((run) => isTerminalRun(run.status))) return trees;
      const isStuck = openHolds(all).length === 0 && all.every((run) => run.status !== "paused");
      if (isStuck || rounds > 40) throw new Error(`They come to no end: ${await this.#told()}`);
      for (const run of all) if (run.status === "paused") await this.control(run.id, "resume");
      for (const hold of openHolds(all)) await this.decide(hold, this.truthfully(hold));
    }
  }

  /** Yes; and of an execution that was lost, what is true. */
  truthfully(hold: Hold): DecisionInput {
    if (hold.kind === "approval") return { verdict: "approve", actionHash: hold.action?.hash };
    if (hold.kind === "clarification") return { verdict: "answer", answer: true };
    const wasDone = this.effects.some(({ callId }) => callId === hold.toolCallId);
    return {
      verdict: "answer",
      answer: wasDone ? { executed: "succeeded", result: "told" } : { executed: "retry" },
    };
  }

  async trees(): Promise<RunTree[]> {
    const trees = await Promise.all(this.runIds.map((id) => this.#tree(id)));
    for (const { id, status, outcome } of trees.flatMap(flatten).flatMap(({ holds }) => holds)) {
      const [before, now] = [this.#ended.get(id), `${status} ${JSON.stringify(outcome)}`];
      if (before !== undefined && before !== now) throw new Error(`I3: ${id} was ${before}, and is ${now}.`);
      // Over by the clock, and not swept yet: it has no outcome so far.
      if (isTerminalHold(status) && outcome !== null) this.#ended.set(id, now);
    }
    return trees;
  }

  async close(): Promise<void> {
    await this.fixture.stop();
  }

  /** For the next sequence. */
  reset(): void {
    this.runIds.length = 0;
    this.#ended.clear();
    this.effects.length = 0;
    this.fixture.logged.length = 0;
  }

  async #told(): Promise<string> {
    return `${JSON.stringify(await this.trees(), null, 1)}\n${this.fixture.logged.join("")}`;
  }

  async #tree(id: string): Promise<RunTree> {
    const run = await getRun(this.store.database, this.fixture.organisation.adminHash, id);
    const ids = run.toolCalls.flatMap(({ childRunId }) => (childRunId === null ? [] : [childRunId]));
    return { run, children: await Promise.all(ids.map((child) => this.#tree(child))) };
  }

  /** From the commit on at which it dies, nothing of the process goes on. */
  #mortality(): FaultPoints {
    return {
      hit: () => {
        this.#diesAfter -= 1;
        if (this.#diesAfter > 0) return undefined;
        this.#died?.();
        return Promise.withResolvers<void>().promise; // never settles
      },
    };
  }
}

export function flatten({ run, children }: RunTree): Run[] {
  return [run, ...children.flatMap(flatten)];
}

export function openHolds(runs: readonly Run[]): Hold[] {
  const open = runs.flatMap(({ holds }) => holds.filter(({ status }) => status === "pending"));
  return [...new Map(open.map((hold) => [hold.id, hold])).values()];
}

async function refusable(work: Promise<unknown>): Promise<void> {
  try {
    await work;
  } catch (error) {
    if (!HoldpointError.isInstance(error) || !REFUSALS.has(error.code)) throw error;
  }
}

const script: Script = async (turn) => {
  const reply = await obey(turn);
  return {
    ...reply,
    ...(reply.toolCalls !== undefined && {
      toolCalls: reply.toolCalls.map((call) =>
        call.name === "inner" ? { ...call, arguments: { input: "delete 3 then ask" } } : call,
      ),
    }),
  };
};

function orderTools(effects: Effect[]): DefinedTool[] {
  const tool = (
    name: string,
    input: z.ZodObject,
    more: { requiresConfirmation?: boolean; idempotent?: boolean; asks?: boolean },
  ): DefinedTool =>
    defineTool({
      name,
      description: name,
      input,
      reversibility: more.requiresConfirmation === true ? "irreversible" : "reversible",
      ...(more.requiresConfirmation === true && { requiresConfirmation: true }),
      idempotent: more.idempotent === true,
      async execute(args, { runId, toolCallId, ask }) {
        if (more.asks === true) await ask.verify("sure", { timeoutSeconds: 300 });
        effects.push({ callId: toolCallId, runId, name, arguments: args });
        return `${name} done`;
      },
    });
  return [
    tool("count", z.object({ table: z.string() }), {}),
    tool("put", z.object({ key: z.string() }), { idempotent: true }),
    tool("delete", z.object({ table: z.string(), count: z.number() }), { requiresConfirmation: true }),
    tool("ask", z.object({}), { asks: true }),
  ];
}
