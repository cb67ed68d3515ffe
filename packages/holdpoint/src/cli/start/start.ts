import {
  defineConfig,
  listen,
  type Listening,
  type NodeBindings,
  type UpgradeListener,
} from "@holdpoint/server";
import { loadConfig } from "../../config-file.ts";
import { databaseName } from "../../database-name.ts";
import { createHoldpoint, type HoldpointService, type HoldpointServiceOptions } from "../../mount.ts";
import { readSettings, type Settings } from "../../settings.ts";
import type { Context } from "../context.ts";
import { EXIT } from "../exit-code.ts";
import { removeLocalServer, writeLocalServer } from "../local-file.ts";
import { addressHost, isLoopback } from "./address.ts";
import { renderBanner, type Started } from "./banner.ts";
import { createLogger, type ServiceLog } from "./log.ts";
import { existsSync } from "node:fs";

/** Starts everything in this process and serves until SIGINT or SIGTERM. Throws what keeps it from starting. */
export async function start(context: Context, options: { json?: boolean }): Promise<number> {
  const { world, console } = context;
  const settings = readSettings(world.env, world.cwd);
  const stop = Promise.withResolvers<void>();
  // Only the first signal is ours: a second one ends the process as signals do.
  const release = world.onInterrupt(() => {
    release();
    stop.resolve();
  });
  try {
    // The port first: a taken one is told before anything is opened.
    const door = new Door();
    const listening = await listen({
      fetch: door.answer,
      upgrade: door.upgrade,
      host: settings.host,
      port: settings.port,
    });
    try {
      await serve(context, settings, {
        door,
        listening,
        stopped: stop.promise,
        isJson: options.json === true,
      });
    } finally {
      await listening.close();
    }
  } finally {
    release();
  }
  console.say("Stopped.");
  return EXIT.ok;
}

interface Serving {
  door: Door;
  listening: Listening;
  stopped: Promise<void>;
  isJson: boolean;
}

async function serve(context: Context, settings: Settings, serving: Serving): Promise<void> {
  const { world, console } = context;
  const hasConfig = settings.isConfigNamed || existsSync(settings.configPath);
  const config = hasConfig ? await loadConfig(settings.configPath) : defineConfig({ agents: [] });
  const log = createLogger(settings, world);
  const url = settings.publicUrl ?? `http://${addressHost(settings.host)}:${serving.listening.port}`;
  const holdpoint = await createHoldpoint({
    config,
    publicUrl: url,
    port: serving.listening.port,
    databaseUrl: settings.databaseUrl,
    databasePool: settings.databasePool,
    dataDir: settings.dataDir,
    secret: settings.secret,
    apiKey: settings.apiKey,
    checkpoints: checkpointsOf(settings),
    environment: world.env,
    logger: log.logger,
    isStrict: settings.isStrict,
    streamLimits: { perCredential: settings.streamsPerCredential, perInstance: settings.streams },
    log: (message) => console.say(message),
  });
  try {
    const { apiKey, createSignInLink } = await holdpoint.start();
    for (const warning of holdpoint.service.firstAdmin?.warnings ?? []) console.say(`warning: ${warning}`);
    serving.door.open(holdpoint);
    const localUrl = `http://${addressHost(settings.host)}:${serving.listening.port}`;
    await writeLocalServer(settings.dataDir, { url: localUrl, key: apiKey, pid: process.pid });
    const signInUrl = settings.isProduction ? undefined : (await createSignInLink()).url;
    const started = describe({ settings, url, apiKey, signInUrl, hasConfig, holdpoint, log });
    if (serving.isJson) console.json(started);
    else console.data(renderBanner(started, console.dataStyle));
    warnAboutOpenBind(context, settings);
    await serving.stopped;
    console.say("Stopping: steps in flight end first.");
  } finally {
    removeLocalServer(settings.dataDir, process.pid);
    serving.door.shut();
    await holdpoint.stop();
  }
}

function checkpointsOf(settings: Settings): HoldpointServiceOptions["checkpoints"] {
  const {
    checkpointFile: file,
    checkpointWebhook: url,
    isPrivateWebhookAllowed: isPrivateAllowed,
  } = settings;
  return { file, ...(url !== undefined && { webhook: { url, isPrivateAllowed } }) };
}

/** Answers before the service can: the port is ours from the start, so that a second start finds it taken. */
class Door {
  #holdpoint: HoldpointService | undefined;

  readonly answer = (request: Request, bindings?: NodeBindings): Response | Promise<Response> =>
    this.#holdpoint?.app.fetch(request, bindings) ?? notReady();

  readonly upgrade: UpgradeListener = (incoming, socket, head) => {
    if (this.#holdpoint !== undefined) return this.#holdpoint.upgrade(incoming, socket, head);
    socket.end("HTTP/1.1 503 Service Unavailable\r\nretry-after: 1\r\nconnection: close\r\n\r\n");
  };

  open(holdpoint: HoldpointService): void {
    this.#holdpoint = holdpoint;
  }

  shut(): void {
    this.#holdpoint = undefined;
  }
}

function notReady(): Response {
  return Response.json(
    {
      type: "https://holdpoint.dev/problems/unavailable",
      title: "The store is not available",
      status: 503,
      code: "unavailable",
      detail: "The service is starting or stopping. Try again in a second.",
      requestId: "",
    },
    { status: 503, headers: { "content-type": "application/problem+json", "retry-after": "1" } },
  );
}

interface Description {
  settings: Settings;
  url: string;
  apiKey: string;
  signInUrl: string | undefined;
  hasConfig: boolean;
  holdpoint: HoldpointService;
  log: ServiceLog;
}

function describe(description: Description): Started {
  const { settings, url, apiKey, signInUrl, hasConfig, holdpoint, log } = description;
  const { registry, models } = holdpoint.service;
  return {
    url,
    signInUrl,
    apiKey: settings.isProduction ? undefined : apiKey,
    dataDir: settings.dataDir,
    database: databaseName(settings),
    configPath: hasConfig ? settings.configPath : undefined,
    agents: registry.listAgents().map((agent) => {
      const { label, isScripted } = models.describe(agent);
      return { id: agent.id, name: agent.name, model: label, isScripted, problem: models.findProblem(agent) };
    }),
    logPath: log.path,
  };
}

function warnAboutOpenBind({ console }: Context, settings: Settings): void {
  if (isLoopback(settings.host) || settings.publicUrl !== undefined) return;
  console.say(
    `warning: HOST is ${settings.host}, so other machines reach this port; they are refused until HOLDPOINT_PUBLIC_URL says by which address they may.`,
  );
}
