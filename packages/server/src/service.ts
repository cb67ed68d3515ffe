import type { Logger } from "pino";
import { AgentDirectory } from "./agents/agent-directory.ts";
import type { DefinedConfig } from "./agents/config.ts";
import { Models } from "./agents/models/models.ts";
import { inOwnerTransaction } from "./agents/owner-database.ts";
import { ConfigError } from "./agents/options.ts";
import { Registry } from "./agents/registry.ts";
import { createAuditLog, type CheckpointPlaces } from "./audit/audit-log.ts";
import type { SequencerFaults } from "./audit/sequencer-term.ts";
import type { Connections } from "./connections/connections.ts";
import { createConnections } from "./connections/create-connections.ts";
import { Providers } from "./connections/providers.ts";
import type { Database } from "./database/database.ts";
import { migrate } from "./database/migrations.ts";
import { startPartitioning } from "./events/partitions.ts";
import { EventStreams } from "./events/event-streams.ts";
import type { StreamLimits } from "./events/stream-quota.ts";
import { createWakeups, endUserTopic, type Wakeups } from "./events/wakeups.ts";
import { createFleetWatch } from "./fleet/fleet-watch.ts";
import { createSweeper } from "./holds/sweeper.ts";
import type { UpgradeListener } from "./http/socket-door.ts";
import { Principals } from "./identity/principal.ts";
import type { App } from "./http/route.ts";
import type { FirstAdmin } from "./identity/first-admin.ts";
import { createIdentity, type Identity } from "./identity/identity.ts";
import type { Secret } from "./identity/secret.ts";
import { takeOverPolicy } from "./policies/config-policy.ts";
import { checkConfigPolicy } from "./policies/check-config-policy.ts";
import { GrantStore } from "./policies/grants/grant-store.ts";
import { KnownCounterparties } from "./policies/known-counterparties.ts";
import { unforeseeableSampling, type Sampling } from "./policies/samples/sampling.ts";
import { PolicyStore } from "./policies/policy-store.ts";
import { createReevaluation } from "./policies/reevaluation.ts";
import type { PolicyDeps } from "./policies/ruling.ts";
import { toolsOfPolicy } from "./policies/tools-of-policy.ts";
import { voidHoldsOfChangedTools } from "./runs/changed-tools.ts";
import { createGoneAgents } from "./runs/gone-agents.ts";
import { createSessionKeeper } from "./sessions/session-keeper.ts";
import { createToolDatabase } from "./runs/tool-database.ts";
import { createRunWorker, type RunWorkerFaults } from "./runs/run-worker.ts";
import { createTransactions } from "./transactions/transactions.ts";
import { createId, type Hold } from "@holdpoint/protocol";
import { createDoors } from "./doors.ts";

export interface ServiceOptions {
  config: DefinedConfig;
  /** Opened by the caller, who also closes it after `stop`. */
  database: Database;
  secret: Secret;
  /** Where people reach the service; `http` or `https`, without a path. */
  publicUrl: string;
  /** The port it listens on, when it listens itself. */
  port?: number | undefined;
  /** More host names that lead here. */
  allowedHosts?: readonly string[] | undefined;
  /** Keys of model providers and HOLDPOINT_MODEL*; usually `process.env`. */
  environment: Readonly<Record<string, string | undefined>>;
  /** The value of HOLDPOINT_API_KEY: the operator key of the first admin. */
  apiKey?: string | undefined;
  /** Where signed checkpoints of the audit log are kept besides the database. Default nowhere. */
  checkpoints?: CheckpointPlaces | undefined;
  logger: Logger;
  /** HOLDPOINT_STRICT: what is only doubtful about the config's policy stops the start too. Default false. */
  isStrict?: boolean | undefined;
  version: string;
  /** How many event streams this instance keeps open. */
  streamLimits?: Partial<StreamLimits> | undefined;
  /** How long a stream's reader may leave a full buffer as it is before it is dropped, in ms. Default 30,000. */
  streamStalledMs?: number | undefined;
  /** How long a run waits on whose agent is not in the config any more, in ms. Default 10 minutes. */
  goneAgentGraceMs?: number | undefined;
  /** The built console. Default: that of this repository; where there is none, its pages say what to do. */
  consoleFolder?: URL | undefined;
  /** Tells the operator what `setup` of the config has to say. */
  log?: (message: string) => void;
  /** Which of what proceeds by itself people judge afterwards. Default: drawn so that nobody can foresee it. */
  sampling?: Sampling | undefined;
  /** For tests: reached at each commit boundary of a run. */
  faults?: RunWorkerFaults | undefined;
  /** For tests: reached at each step of the audit log's sequencer. */
  sequencerFaults?: SequencerFaults | undefined;
}

/** The service: everything that answers, works and watches, over one database. */
export interface Service {
  readonly app: App;
  /** Takes what a Node server tells its listeners of `upgrade`: the WebSocket. */
  readonly upgrade: UpgradeListener;
  readonly identity: Identity;
  readonly registry: Registry;
  readonly models: Models;
  readonly wakeups: Wakeups;
  /** End users' sign-ins at providers. */
  readonly connections: Connections;
  /** The event streams that are open here. */
  readonly streams: EventStreams;
  /** What this instance has read of policies. */
  readonly policies: PolicyStore;
  /** The organisation, its first admin and the keys that the service hands out. Known after `start`. */
  readonly firstAdmin: FirstAdmin | undefined;
  /** Migrates, sets up, and begins to work. What it needs is there or it throws. */
  start(): Promise<FirstAdmin>;
  /** Does now what is done every second: ends what is due, asks whom it is time to ask. For tests that move the clock. */
  sweep(): Promise<void>;
  /** Ends streams and long polls, lets steps in flight end, and gives leases back. Repeating it does nothing. */
  stop(): Promise<void>;
}

/** Puts the service together over an open database. Nothing runs until `start`. */
export async function createService(options: ServiceOptions): Promise<Service> {
  const { config, database, logger } = options;
  // First of all: what the environment lacks is said before anything is touched.
  const providers = new Providers({ ...options, providers: config.providers });
  await database.ownerSession((owner) => migrate(owner));
  const instanceId = createId("wrk");
  const stopping = new AbortController();
  const registry = new Registry(config);
  const agents = new AgentDirectory(database, registry);
  const models = new Models(options.environment);
  const identity = createIdentity({ ...options });
  const wakeups = await createWakeups({ database, instanceId, logger });
  const principals = new Principals(database);
  const { connections, flow } = createConnections({ ...options, providers, wakeups });
  const streams = new EventStreams({
    database,
    wakeups,
    logger,
    stopping: stopping.signal,
    limits: options.streamLimits,
    stalledMs: options.streamStalledMs,
  });
  const isStrict = options.isStrict === true;
  const tools = toolsOfPolicy(registry.listTools(), config.services);
  const policies = new PolicyStore({ database, tools, logger });
  const policyDeps: PolicyDeps = {
    policies,
    permissions: new GrantStore({ database, tools: policies.tools, logger }),
    counterparties: new KnownCounterparties(database),
    sampling: options.sampling ?? unforeseeableSampling,
    logger,
  };
  const catalogue = {
    tools: policies.tools,
    agents: registry.listAgents().map(({ id }) => id),
    isStrict,
  };
  const reevaluation = createReevaluation({ ...policyDeps, database, wakeups, logger });
  const goneAgents = createGoneAgents({
    database,
    registry,
    wakeups,
    logger,
    graceMs: options.goneAgentGraceMs,
  });
  const worker = createRunWorker({
    ...policyDeps,
    database,
    registry,
    agents,
    models,
    wakeups,
    logger,
    config,
    connections,
    isAgentGone: () => goneAgents.isOver(),
    instanceId,
    faults: options.faults,
  });
  const sweeper = createSweeper({ database, wakeups, logger });
  const fleetWatch = createFleetWatch({ database, wakeups, logger });
  const sessionKeeper = createSessionKeeper({ ...config, database, wakeups, logger });
  const auditLog = createAuditLog({ ...options, wakeups, faults: options.sequencerFaults });
  let firstAdmin: FirstAdmin | undefined;
  let stopPartitioning: (() => void) | undefined;
  let stopped: Promise<void> | undefined;
  let started: Promise<FirstAdmin> | undefined;

  const deps = {
    ...policyDeps,
    database,
    registry,
    agents,
    models,
    wakeups,
    principals,
    streams,
    logger,
    stopping: stopping.signal,
  };
  const published = (orgId: string, hold: Hold): void => {
    const topics = [`hold:${hold.id}`, `org:${orgId}`];
    if (hold.endUserId !== null) topics.push(endUserTopic(orgId, hold.endUserId));
    wakeups.publish(hold.runId === null ? topics : [...topics, `run:${hold.runId}`, "advance"]);
  };
  const transactions = createTransactions({ ...deps, services: config.services, published });
  const { app, upgrade } = await createDoors({
    ...options,
    ...deps,
    identity,
    connections,
    flow,
    catalogue,
    transactions,
    signer: auditLog.signer,
    published,
    policyChanged: (orgId) => {
      wakeups.publish([`org:${orgId}`]);
      reevaluation.look();
    },
    isReady: () => firstAdmin !== undefined && stopped === undefined,
  });

  /** Holds that wait under an earlier policy, or for a tool that this service has otherwise. */
  let voiding: Promise<unknown> = Promise.resolve();
  function catchUp(): void {
    reevaluation.start();
    const toolDatabase = createToolDatabase(database);
    voiding = voidHoldsOfChangedTools({ ...deps, toolDatabase, signal: stopping.signal }).catch(
      (error: unknown) =>
        logger.error({ err: error }, "Holds of changed tools could not be voided; starting them finds out."),
    );
  }

  async function setUp(): Promise<void> {
    const { setup } = config;
    if (setup === undefined) return;
    try {
      await inOwnerTransaction(database, (owner) =>
        setup({ database: owner, log: options.log ?? (() => undefined) }),
      );
    } catch (error) {
      // Code of the app's, or a database that is not as it expects: nobody's defect but theirs.
      const reason = error instanceof Error ? error.message : String(error);
      throw new ConfigError(`The config's setup failed, and was rolled back: ${reason}`, error);
    }
  }

  return {
    app,
    upgrade,
    identity,
    registry,
    models,
    wakeups,
    connections,
    streams,
    policies,
    get firstAdmin() {
      return firstAdmin;
    },
    start() {
      // Once: a second worker would take the runs of the first for a dead process's.
      started ??= (async () => {
        checkConfigPolicy({ config, catalogue, logger });
        await setUp();
        firstAdmin = await identity.ensureFirstAdmin({
          organisation: config.organisationName,
          environmentKey: options.apiKey,
        });
        for (const warning of firstAdmin.warnings) logger.warn(warning);
        stopPartitioning = await startPartitioning(database, logger);
        if (config.policy !== undefined)
          await takeOverPolicy({ ...deps, orgId: firstAdmin.orgId, document: config.policy });
        await worker.start();
        await transactions.start();
        sweeper.start();
        fleetWatch.start();
        sessionKeeper.start();
        goneAgents.start();
        catchUp();
        auditLog.start();
        return firstAdmin;
      })();
      // What did not come up may be tried again.
      started.catch(() => (started = undefined));
      return started;
    },
    async sweep() {
      await sweeper.sweep();
      await sweeper.takeSteps();
      wakeups.publish(["advance"]);
    },
    stop() {
      stopped ??= (async () => {
        stopping.abort();
        stopPartitioning?.();
        await Promise.all([
          worker.stop(),
          transactions.stop(),
          sweeper.stop(),
          fleetWatch.stop(),
          sessionKeeper.stop(),
          goneAgents.stop(),
          reevaluation.stop(),
          voiding,
        ]);
        // After them: what they have recorded last is sequenced and signed too.
        await auditLog.stop();
        await wakeups.close();
        await identity.close();
      })();
      return stopped;
    },
  };
}
