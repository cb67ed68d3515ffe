import type { IncomingMessage, ServerResponse } from "node:http";
import { getRequestListener } from "@hono/node-server";
import {
  createService,
  loadSecret,
  openDatabase,
  type DefinedConfig,
  type NodeBindings,
  type Service,
  type StreamLimits,
  type UpgradeListener,
} from "@holdpoint/server";
import { join, resolve } from "node:path";
import pino, { type Logger } from "pino";
import { VERSION } from "./version.ts";

export interface HoldpointServiceOptions {
  /** What `defineConfig` made. */
  config: DefinedConfig;
  /** Where people reach it: the address of your server, without a path. Requests for other host names are refused. */
  publicUrl: string;
  /** `postgres://…`. Absent: the embedded database in `dataDir`. */
  databaseUrl?: string | undefined;
  /** Connections to a PostgreSQL server. Default 10. */
  databasePool?: number | undefined;
  /** Folder of the embedded database and of the development secret. Default `./.holdpoint`. */
  dataDir?: string;
  /** What signing keys derive from, at least 32 characters. Absent: made and kept in `dataDir`; in production an error. */
  secret?: string | undefined;
  /**
   * Where signed checkpoints of the audit log are kept besides the database: a file that only grows (default
   * `checkpoints.jsonl` in `dataDir`), and an address that they are sent to.
   */
  checkpoints?:
    | { file?: string; webhook?: { url: string; isPrivateAllowed?: boolean } | undefined }
    | undefined;
  /** The operator key of the first admin. Absent: one is derived; `start` tells it. */
  apiKey?: string | undefined;
  /** The path under which it is mounted, when your server does not take it off itself: `/approvals`. */
  basePath?: string;
  /** More host names that lead here. */
  allowedHosts?: readonly string[];
  /** The port it listens on, when it is its own server. */
  port?: number | undefined;
  /** How many event streams this instance keeps open: `perCredential` (1,000) and `perInstance` (20,000). */
  streamLimits?: Partial<StreamLimits> | undefined;
  /** Keys of model providers. Default `process.env`. */
  environment?: Readonly<Record<string, string | undefined>>;
  /** Default JSON lines on stderr from `warn` on. */
  logger?: Logger;
  /** What is only doubtful about the config's policy stops the start too. Default false. */
  isStrict?: boolean;
  /** Told what the config's `setup` has to say. */
  log?: (message: string) => void;
}

/** The service, to be mounted. */
export interface HoldpointService {
  /** Answers a request: for Hono (`app.all("/approvals/*", mount(holdpoint.fetch))`), Deno, Bun, Next and the like. */
  readonly fetch: (request: Request) => Promise<Response>;
  /** The same for Express (`app.use("/approvals", holdpoint.listener)`) and plain Node (`createServer(holdpoint.listener)`). */
  readonly listener: (incoming: IncomingMessage, outgoing: ServerResponse) => void;
  /**
   * Takes the WebSocket of `/v1/ws`: `server.on("upgrade", holdpoint.upgrade)`. Without it that path answers 426.
   * Refuses upgrades to other paths; hand over only those under yours when you have WebSockets of your own.
   */
  readonly upgrade: UpgradeListener;
  /** The Hono app: for `app.route("/", holdpoint.app)` and its types. */
  readonly app: Service["app"];
  /** What is behind it: registry, models, identity. */
  readonly service: Service;
  /** Begins to work. Afterwards requests are answered, runs advance and deadlines count. Tells the first admin's key. */
  start(): Promise<{ apiKey: string; createSignInLink: () => Promise<{ url: string; expiresAt: string }> }>;
  /** Ends streams, lets steps in flight end, closes the database. Repeating it does nothing. */
  stop(): Promise<void>;
}

/**
 * Makes the whole service, to be mounted in your own server.
 *
 * Opens the database and migrates it; nothing is served or worked on until `start`. Throws `DatabaseOpenError`,
 * `MigrationError`, and `invalid_configuration` for a secret that cannot be one.
 *
 * ```ts
 * const holdpoint = await createHoldpoint({ config, publicUrl: "https://app.example.com", basePath: "/approvals" });
 * await holdpoint.start();
 * createServer(holdpoint.listener).listen(8080);
 * ```
 */
export async function createHoldpoint(options: HoldpointServiceOptions): Promise<HoldpointService> {
  const environment = options.environment ?? process.env;
  const logger = options.logger ?? pino({ level: "warn", base: null }, pino.destination(2));
  const dataDir = resolve(options.dataDir ?? ".holdpoint");
  const secret = await loadSecret({
    environment: options.secret,
    dataDir,
    isProduction: environment["NODE_ENV"] === "production",
  });
  const database = await openDatabase({
    ...(options.databaseUrl === undefined ? { dataDir } : { url: options.databaseUrl }),
    ...(options.databasePool === undefined ? {} : { poolSize: options.databasePool }),
    logger,
  });
  let service: Service;
  try {
    service = await createService({
      config: options.config,
      database,
      secret,
      publicUrl: options.publicUrl,
      port: options.port,
      allowedHosts: options.allowedHosts,
      environment,
      apiKey: options.apiKey,
      checkpoints: { file: join(dataDir, "checkpoints.jsonl"), ...options.checkpoints },
      logger,
      isStrict: options.isStrict,
      streamLimits: options.streamLimits,
      version: VERSION,
      ...(options.log === undefined ? {} : { log: options.log }),
    });
  } catch (error) {
    await database.close();
    throw error;
  }
  return mountService(service, options.basePath ?? "", () => database.close());
}

function mountService(
  service: Service,
  basePath: string,
  closeDatabase: () => Promise<void>,
): HoldpointService {
  const prefix = normalizePrefix(basePath);
  let stopped: Promise<void> | undefined;
  const answer = async (request: Request, bindings?: NodeBindings): Promise<Response> =>
    service.app.fetch(withoutPrefix(request, prefix), bindings);
  const listener = getRequestListener(
    (request, { outgoing }) => answer(request, { rawReply: outgoing as ServerResponse }),
    { overrideGlobalObjects: false },
  );
  return {
    app: service.app,
    service,
    fetch: (request) => answer(request),
    listener(incoming, outgoing) {
      keepParsedBody(incoming);
      void listener(incoming, outgoing);
    },
    upgrade(incoming, socket, head) {
      incoming.url = pathWithoutPrefix(incoming.url ?? "/", prefix);
      service.upgrade(incoming, socket, head);
    },
    async start() {
      const admin = await service.start();
      return {
        apiKey: admin.localKey,
        createSignInLink: () => service.identity.links.createOwnSignInLink(admin.orgId, admin.admin.id),
      };
    },
    stop() {
      stopped ??= stopThenClose(service, closeDatabase);
      return stopped;
    },
  };
}

async function stopThenClose(service: Service, closeDatabase: () => Promise<void>): Promise<void> {
  try {
    await service.stop();
  } finally {
    await closeDatabase();
  }
}

function normalizePrefix(basePath: string): string {
  const path = basePath.replace(/\/+$/, "");
  if (path === "" || path.startsWith("/")) return path;
  throw new TypeError(`basePath must begin with a slash, not ${JSON.stringify(basePath)}.`);
}

/** Hono's `mount` and Express take the prefix off before; a plain server does not. */
function withoutPrefix(request: Request, prefix: string): Request {
  if (prefix === "") return request;
  const url = new URL(request.url);
  if (url.pathname !== prefix && !url.pathname.startsWith(`${prefix}/`)) return request;
  url.pathname = url.pathname.slice(prefix.length) || "/";
  return new Request(url, request);
}

function pathWithoutPrefix(path: string, prefix: string): string {
  return prefix !== "" && path.startsWith(`${prefix}/`) ? path.slice(prefix.length) : path;
}

/** A body parser before us (`express.json()`) has read the stream; what it made of it is what was sent. */
function keepParsedBody(incoming: IncomingMessage & { body?: unknown; rawBody?: Buffer }): void {
  if (incoming.readableEnded && incoming.rawBody === undefined && incoming.body !== undefined) {
    incoming.rawBody = Buffer.from(JSON.stringify(incoming.body));
  }
}
