import { Holdpoint } from "@holdpoint/client";
import type { Role } from "@holdpoint/protocol";
import {
  createService,
  listen,
  Secret,
  type DefinedConfig,
  type Listening,
  type NodeBindings,
  type Service,
} from "@holdpoint/server";
import { openMemoryStore, type MemoryStore } from "@holdpoint/server/testing";
import { randomBytes } from "node:crypto";
import pino from "pino";
import { createClock, type Clock } from "./clock.ts";
import { Crew } from "./crew.ts";
import { assertExecuted, readExecutions, requireNamed, type Execution, type Expected } from "./executions.ts";
import type { Human } from "./human.ts";
import { signIn } from "./sign-in.ts";

export interface StartOptions {
  /** What `defineConfig` made: the default export of your config file. */
  config: DefinedConfig;
  /** What the admin does about holds, in this order: the first that has an answer gives it. Default nobody decides. */
  humans?: readonly Human[];
  /** Keys of model providers. Default none, so that each agent runs on its `script`. */
  environment?: Readonly<Record<string, string | undefined>>;
}

export interface PersonOptions {
  role: Role;
  /** Default the role. */
  name?: string;
  humans?: readonly Human[];
}

/** A Holdpoint server in this process, on a free port of loopback, over a database in memory. */
export interface TestHoldpoint extends AsyncDisposable {
  readonly url: string;
  /** An operator key of the first admin, and an agent key, which asks and never decides. */
  readonly apiKey: string;
  readonly agentKey: string;
  /** As the admin. */
  readonly client: Holdpoint;
  /** As an agent that runs elsewhere. */
  readonly agentClient: Holdpoint;
  readonly clock: Clock;
  /** Adds a person of their own, with a script if you like; signed in, and gone with the server. */
  addPerson(person: PersonOptions): Promise<Holdpoint>;
  /**
   * Waits until no run of this server's agents has anything to do before somebody decides or time passes. Throws when a
   * scripted person could not do what they wanted, and when a run is still at work after 20 s.
   */
  settled(): Promise<void>;
  /** What was executed so far, once everything is settled. */
  executions(): Promise<Execution[]>;
  /**
   * Throws `AssertionError` unless the tool was executed so often, each time with these arguments. `times: 0` for never. A name
   * that no agent, gate or hold of this server has named is an error too, with the nearest names.
   */
  expectExecuted(tool: string, expected?: Expected): Promise<void>;
  /** Ends everything. Repeating it does nothing. */
  stop(): Promise<void>;
}

/**
 * Starts a server for a test. What is true afterwards: it serves, its agents run on their scripts, and its scripted
 * people watch. Stop it, or declare it with `await using`.
 *
 * ```ts
 * await using holdpoint = await startHoldpoint({ config, humans: [approve({ after: { minutes: 2 } })] });
 * await holdpoint.client.runs.start("shop_helper", { input: "Refund order 17, 40 euros" });
 * await holdpoint.clock.advance({ minutes: 2 });
 * await holdpoint.expectExecuted("refund", { times: 1, with: { order: 17 } });
 * ```
 */
export async function startHoldpoint(options: StartOptions): Promise<TestHoldpoint> {
  const store = await openMemoryStore();
  try {
    return await serve(options, store);
  } catch (error) {
    await store.close();
    throw error;
  }
}

async function serve(
  { config, humans = [], environment = {} }: StartOptions,
  store: MemoryStore,
): Promise<TestHoldpoint> {
  let service: Service | undefined;
  const listening = await listen({
    fetch: (request: Request, bindings?: NodeBindings) =>
      service?.app.fetch(request, bindings) ?? new Response(null, { status: 503 }),
    upgrade: (incoming, socket, head) => service?.upgrade(incoming, socket, head),
    host: "127.0.0.1",
    port: 0,
    isGuest: true,
  });
  const url = `http://localhost:${listening.port}`;
  try {
    service = await createService({
      config,
      database: store.database,
      secret: new Secret(randomBytes(33).toString("base64")),
      publicUrl: url,
      port: listening.port,
      environment,
      logger: pino({ level: "silent" }),
      version: "0.0.0",
    });
    const admin = await service.start();
    return assemble({ store, listening, service, url, admin, humans });
  } catch (error) {
    await listening.close(0);
    throw error;
  }
}

interface Parts {
  store: MemoryStore;
  listening: Listening;
  service: Service;
  url: string;
  admin: { orgId: string; localKey: string; exampleKey: string };
  humans: readonly Human[];
}

function assemble({ store, listening, service, url, admin, humans }: Parts): TestHoldpoint {
  const client = new Holdpoint({ url, apiKey: admin.localKey });
  const crew = new Crew(client, () => store.now());
  if (humans.length > 0) crew.add({ name: "the admin", client, humans });
  const unsubscribe = service.wakeups.subscribe(`org:${admin.orgId}`, () => void crew.work());
  const settled = () => settle(store, service.wakeups, crew);
  let stopped: Promise<void> | undefined;
  return {
    url,
    apiKey: admin.localKey,
    agentKey: admin.exampleKey,
    client,
    agentClient: new Holdpoint({ url, apiKey: admin.exampleKey }),
    clock: createClock({ store, crew, client, sweep: () => service.sweep(), settle: settled }),
    settled,
    async addPerson({ role, name = role, humans: theirs = [] }) {
      const person = await signIn(client, url, { name, role });
      if (theirs.length > 0) crew.add({ name, client: person, humans: theirs });
      void crew.work();
      return person;
    },
    async executions() {
      await settled();
      return readExecutions(client);
    },
    async expectExecuted(tool, expected = {}) {
      await settled();
      const executions = await readExecutions(client);
      if (!executions.some((execution) => execution.tool === tool)) await requireNamed(client, tool);
      assertExecuted(executions, tool, expected);
    },
    stop() {
      stopped ??= (async () => {
        unsubscribe();
        await crew.work();
        await listening.close(0);
        await service.stop();
        await store.close();
      })();
      return stopped;
    },
    [Symbol.asyncDispose]() {
      return this.stop();
    },
  };
}

const PATIENCE_MS = 20_000;
/** Only as a net: whatever changes wakes. */
const LOOK_AGAIN_MS = 50;

async function settle(store: MemoryStore, wakeups: Service["wakeups"], crew: Crew): Promise<void> {
  const until = performance.now() + PATIENCE_MS;
  for (;;) {
    const woken = Promise.withResolvers<void>();
    const unsubscribe = wakeups.subscribe("*", woken.resolve);
    const timer = setTimeout(woken.resolve, LOOK_AGAIN_MS);
    try {
      await crew.work();
      crew.check();
      const now = (await store.now()).getTime();
      if ((crew.nextDueAt ?? Number.POSITIVE_INFINITY) > now && (await store.isIdle())) return;
      if (performance.now() > until) {
        throw new Error(`A run is still at work after ${PATIENCE_MS / 1000} s.`);
      }
      await woken.promise;
    } finally {
      clearTimeout(timer);
      unsubscribe();
    }
  }
}
