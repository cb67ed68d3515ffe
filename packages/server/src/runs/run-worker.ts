import type { Logger } from "pino";
import type { AgentDirectory } from "../agents/agent-directory.ts";
import type { DefinedConfig } from "../agents/config.ts";
import type { Models } from "../agents/models/models.ts";
import type { Registry } from "../agents/registry.ts";
import type { Database } from "../database/database.ts";
import type { PolicyDeps } from "../policies/ruling.ts";
import { tolerateSuspensions } from "../clarifications/suspension-signal.ts";
import { defineHooks } from "../clarifications/tool-hooks.ts";
import type { Connections } from "../connections/connections.ts";
import { Trouble } from "../database/trouble.ts";
import { isConnectionLoss } from "../database/database-error.ts";
import { endUserTopic, midwayTopic, type Wakeups } from "../events/wakeups.ts";
import { advanceRun } from "./advance-run.ts";
import { Journal, LeaseLostError, type FaultPoints, type Lease } from "./journal.ts";
import { sweepNestedRuns } from "./nested-runs.ts";
import { failRun, type RunDeps, type RunWork } from "./run-work.ts";
import { createToolDatabase } from "./tool-database.ts";

/**
 * Takes runs that are due and advances them, beside any number of other workers on the same database.
 *
 * Owns: leases (its own), timers, and who is being worked on. Does not own: the state of any run.
 * Messages: in, the topic `advance` ("some run is due"); out, `run:<id>`, `hold:<id>` and `org:<id>` after commits.
 *
 *  W1. At most one worker has a run: by lease, fenced by its epoch in every commit.
 *  W2. A lease that cannot be renewed in time is given up here before anybody else may take it.
 *  W3. A worker that dies is followed by another within the length of a lease.
 */
export interface RunWorker {
  /** Begins to take runs. In the embedded database it first ends all leases: whoever had them is dead. */
  start(): Promise<void>;
  /** Takes nothing more, breaks model calls off, and waits for running tools, but not for ever. */
  stop(): Promise<void>;
}

export interface RunWorkerOptions extends PolicyDeps {
  database: Database;
  registry: Registry;
  /** Where agents that were made over the API are found. Default: there is none. */
  agents?: Pick<AgentDirectory, "find"> | undefined;
  models: Models;
  wakeups: Wakeups;
  logger: Logger;
  /** Its limit of model calls counts over all instances on one database. */
  config: Pick<DefinedConfig, "modelCallsPerMinute"> & Partial<Pick<DefinedConfig, "hooks">>;
  /** End users' accounts at providers. Absent: tools that want one fail and say so. */
  connections?: Connections | undefined;
  /** Whether an agent that is not found is gone for good. Default: never. */
  isAgentGone?: (() => boolean) | undefined;
  /** Names this worker as the owner of leases. */
  instanceId: string;
  /** Runs at a time. Default 16. */
  concurrency?: number;
  /** Default 15. */
  leaseSeconds?: number;
  /** The slow poll under the wake-ups. Default 1,000. */
  pollMs?: number;
  /** How long `stop` waits for tools. Default 10,000. */
  graceMs?: number;
  faults?: FaultPoints | undefined;
  random?: () => number;
}

/** Where tests stop a worker: see the points of `Journal`. */
export type RunWorkerFaults = FaultPoints;

interface ActiveRun {
  lease: Lease;
  lost: AbortController;
  /** By the monotonic clock of this process. */
  leaseEndsAt: number;
  work: Promise<void>;
}

interface TakenRun extends Lease {
  agentId: string;
}

/** After an error that nobody foresaw a run is left alone for a while, longer each time. */
const FIRST_REST_SECONDS = 1;
const LONGEST_REST_SECONDS = 60;
/** Then it fails: asking a model again and again over a defect costs money and mends nothing (defect 22). */
const MAX_FAILURES = 8;
/** For what crashes leave undone between runs that call each other. */
const NESTED_SWEEP_MS = 10_000;

export function createRunWorker(options: RunWorkerOptions): RunWorker {
  return new LeasingRunWorker(options);
}

class LeasingRunWorker implements RunWorker {
  readonly #options: RunWorkerOptions;
  readonly #deps: RunDeps;
  readonly #id: string;
  readonly #active = new Map<string, ActiveRun>();
  readonly #failures = new Map<string, number>();
  readonly #stopping = new AbortController();
  readonly #leaseMs: number;
  readonly #takingTrouble: Trouble;
  #timers: NodeJS.Timeout[] = [];
  #unsubscribe: () => void = () => undefined;
  #tolerated: () => void = () => undefined;
  #taking: Promise<void> | undefined;
  #isDue = false;

  constructor(options: RunWorkerOptions) {
    this.#options = options;
    this.#id = options.instanceId;
    this.#leaseMs = (options.leaseSeconds ?? 15) * 1000;
    this.#takingTrouble = new Trouble(options.logger, "Taking due runs failed; trying again every second.");
    this.#deps = {
      database: options.database,
      toolDatabase: createToolDatabase(options.database),
      registry: options.registry,
      models: options.models,
      logger: options.logger,
      policies: options.policies,
      permissions: options.permissions,
      counterparties: options.counterparties,
      sampling: options.sampling,
      modelCallsPerMinute: options.config.modelCallsPerMinute,
      random: options.random ?? Math.random,
      connections: options.connections,
      isAgentGone: options.isAgentGone ?? (() => false),
      hooks: options.config.hooks ?? defineHooks({}),
      sweepNested: () => this.#sweep(),
    };
  }

  async start(): Promise<void> {
    const { database, wakeups, logger, pollMs } = this.#options;
    if (database.kind === "embedded") {
      const dropped = Number(await database.callIdempotent("drop_leases_v1", null));
      if (dropped > 0) logger.info({ dropped }, "Going on with the runs that an earlier process left.");
    }
    this.#announceModels();
    this.#tolerated = tolerateSuspensions();
    this.#unsubscribe = wakeups.subscribe("advance", () => this.#take());
    this.#timers = [
      setInterval(() => this.#take(), pollMs ?? 1_000),
      setInterval(() => void this.#renew(), this.#leaseMs / 3),
      setInterval(() => void this.#sweep(), NESTED_SWEEP_MS),
    ];
    this.#take();
  }

  async stop(): Promise<void> {
    this.#stopping.abort(new Error("The service stops."));
    this.#unsubscribe();
    clearInterval(this.#timers[0]);
    clearInterval(this.#timers[2]);
    await this.#taking;
    let timer: NodeJS.Timeout | undefined;
    const grace = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, this.#options.graceMs ?? 10_000);
    });
    await Promise.race([this.#settled(), grace]);
    clearTimeout(timer);
    for (const run of this.#active.values())
      run.lost.abort(new Error("The service stops and waits no longer."));
    clearInterval(this.#timers[1]);
    this.#tolerated();
  }

  /** No one shall take a script for a model, or learn only from a failed run that there is none (R271). */
  #announceModels(): void {
    const { registry, models, logger } = this.#options;
    for (const agent of registry.listAgents()) {
      const problem = models.findProblem(agent);
      if (problem !== undefined) logger.warn({ agentId: agent.id }, `${problem} Its runs will fail.`);
      else if (models.describe(agent).isScripted) {
        logger.info(
          { agentId: agent.id },
          `Agent ${agent.id} runs on a small scripted model: no model key is set.`,
        );
      }
    }
  }

  async #settled(): Promise<void> {
    await Promise.all([...this.#active.values()].map(({ work }) => work));
  }

  /** Takes what is due, one statement at a time; asked again meanwhile, it looks again afterwards. */
  #take(): void {
    this.#isDue = true;
    this.#taking ??= this.#takeDue().finally(() => {
      this.#taking = undefined;
      if (this.#isDue && !this.#stopping.signal.aborted) this.#take();
    });
  }

  async #takeDue(): Promise<void> {
    while (this.#isDue && !this.#stopping.signal.aborted) {
      this.#isDue = false;
      const limit = (this.#options.concurrency ?? 16) - this.#active.size;
      if (limit <= 0) return; // whoever ends makes room and looks again
      const takenAt = performance.now();
      try {
        const taken = (await this.#options.database.call("take_runs_v1", {
          workerId: this.#id,
          leaseSeconds: this.#leaseMs / 1000,
          limit,
          busy: [...this.#active.keys()],
        })) as TakenRun[];
        for (const { agentId, ...lease } of taken) this.#begin(lease, agentId, takenAt);
        if (taken.length === limit) this.#isDue = true;
        this.#takingTrouble.over();
      } catch (error) {
        this.#takingTrouble.met(error);
      }
    }
  }

  #begin(lease: Lease, agentId: string, takenAt: number): void {
    const lost = new AbortController();
    const active: ActiveRun = { lease, lost, leaseEndsAt: takenAt + this.#leaseMs, work: Promise.resolve() };
    this.#active.set(lease.runId, active);
    // A run that was ended from outside is not renewed: model call and tool in flight are told at once.
    const unsubscribe = this.#options.wakeups.subscribe(`control:${lease.runId}`, () => void this.#renew());
    active.work = this.#advance(lease, agentId, lost.signal).finally(() => {
      unsubscribe();
      this.#active.delete(lease.runId);
      this.#take();
    });
  }

  async #advance(lease: Lease, agentId: string, lost: AbortSignal): Promise<void> {
    const logger = this.#options.logger.child({ runId: lease.runId });
    const journal = new Journal(
      {
        database: this.#options.database,
        faults: this.#options.faults,
        outdated: (orgId, revision) => this.#options.policies.forget(orgId, revision),
        published: ({ runId, orgId }, { holdIds, endUserId, ancestors, isAnotherDue, isMidway }) =>
          this.#options.wakeups.publish([
            ...(isAnotherDue ? ["advance"] : []),
            ...[runId, ...ancestors].map((id) => (isMidway ? midwayTopic(id) : `run:${id}`)),
            `org:${orgId}`,
            ...holdIds.map((id) => `hold:${id}`),
            ...(endUserId === null || holdIds.length === 0 ? [] : [endUserTopic(orgId, endUserId)]),
          ]),
      },
      lease,
    );
    const work: RunWork = {
      deps: this.#deps,
      journal,
      logger,
      stopping: this.#stopping.signal,
      lost,
      rulings: new Map(),
      needs: [],
      children: [],
      spentGrants: new Map(),
      agent: this.#options.registry.findAgent(agentId),
    };
    try {
      work.agent ??= await this.#options.agents?.find(lease.orgId, agentId);
      await advanceRun(work);
      this.#failures.delete(lease.runId);
    } catch (error) {
      if (error instanceof LeaseLostError) logger.warn({ epoch: lease.epoch }, error.message);
      else await this.#rest(work, error);
    }
  }

  /** An error that nobody foresaw: said, and tried again later, for whatever it is the run must not be lost. */
  async #rest({ journal, ...work }: RunWork, error: unknown): Promise<void> {
    const { runId } = journal.lease;
    // A store that is away is no fault of the run, which waits for it as long as it takes.
    const failures = (this.#failures.get(runId) ?? 0) + (isConnectionLoss(error) ? 0 : 1);
    this.#failures.set(runId, failures);
    const advanceSeconds = Math.min(
      LONGEST_REST_SECONDS,
      FIRST_REST_SECONDS * 2 ** Math.max(0, failures - 1),
    );
    const { logger } = this.#options;
    logger.error(
      { err: error, runId, failures },
      `Advancing ${runId} failed; trying again in ${advanceSeconds} s.`,
    );
    try {
      if (failures < MAX_FAILURES) await journal.commit("rest", { release: true, advanceSeconds });
      else
        await failRun({ journal, ...work }, await journal.load(), {
          code: "internal",
          message: "The service cannot go on with this run; its log says why.",
        });
    } catch (second) {
      logger.warn({ err: second, runId }, "The run could not be given back; its lease will lapse.");
    }
  }

  async #sweep(): Promise<void> {
    try {
      await sweepNestedRuns(this.#options);
    } catch (error) {
      this.#options.logger.error({ err: error }, "Sweeping nested runs failed; trying again.");
    }
  }

  async #renew(): Promise<void> {
    const active = [...this.#active.values()];
    if (active.length === 0) return;
    const askedAt = performance.now();
    try {
      const kept = (await this.#options.database.call("renew_leases_v1", {
        workerId: this.#id,
        leaseSeconds: this.#leaseMs / 1000,
        runs: active.map(({ lease }) => lease),
      })) as string[];
      for (const run of active) {
        if (kept.includes(run.lease.runId)) run.leaseEndsAt = askedAt + this.#leaseMs;
        else run.lost.abort(new LeaseLostError(run.lease));
      }
    } catch (error) {
      this.#options.logger.error({ err: error }, "Renewing leases failed; trying again.");
    }
    // W2: what could not be renewed is dropped while it is still surely ours.
    for (const run of active) {
      if (performance.now() > run.leaseEndsAt) run.lost.abort(new LeaseLostError(run.lease));
    }
  }
}
