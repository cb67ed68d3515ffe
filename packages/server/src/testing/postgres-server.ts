import { execFile, spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import {
  chownSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { promisify } from "node:util";
import { findPostgresBinaries, serverUser } from "./postgres-binaries.ts";

const READY = "database system is ready to accept connections";
const FOLDER_PREFIX = "holdpoint-test-postgres-";

/** Without fsync a server of tests is faster; nothing in it outlives the machine. */
const NOT_DURABLE = ["fsync=off", "synchronous_commit=off", "full_page_writes=off"];

export interface PostgresServerOptions {
  /** True: durable as in production, for measurements and crash tests. Default false. */
  fsync?: boolean;
  maxConnections?: number;
  /** More settings, `name=value`. */
  settings?: string[];
}

/** A real PostgreSQL of its own: own folder, own port on 127.0.0.1, superuser `postgres` without a password. */
export interface PostgresServer {
  readonly port: number;
  readonly version: string;
  /** The last lines of its log. */
  readonly log: readonly string[];
  /** A URL of one of its databases. Default `postgres`. */
  url(database?: string, user?: string): string;
  /** As a crash would: SIGKILL. Open connections break. */
  kill(): Promise<void>;
  /** Starts again on the same folder and port, after `kill` or `stop`. */
  start(): Promise<void>;
  /** Disconnects everybody and stops; keeps the folder, so that it may start again. */
  stop(): Promise<void>;
  /** Stops and removes the folder. */
  remove(): Promise<void>;
}

/** Makes and starts a PostgreSQL server. Call `remove()` when done; it also dies with this process. */
export async function startPostgres(options: PostgresServerOptions = {}): Promise<PostgresServer> {
  removeAbandoned();
  const binaries = await findPostgresBinaries();
  const user = serverUser();
  const folder = mkdtempSync(join(tmpdir(), FOLDER_PREFIX));
  const data = join(folder, "data");
  writeFileSync(join(folder, "owner"), String(process.pid));
  if (user) chownSync(folder, user.uid, user.gid);
  await promisify(execFile)(
    binaries.initdb,
    [`--pgdata=${data}`, "--auth=trust", "--username=postgres", "--encoding=UTF8", "--locale=C", "--no-sync"],
    { ...user, env: serverEnvironment() },
  );
  const port = await findFreePort();
  const settings = [
    "listen_addresses=127.0.0.1",
    "unix_socket_directories=",
    "logging_collector=off",
    "log_min_messages=warning",
    `max_connections=${options.maxConnections ?? 100}`,
    ...(options.fsync ? [] : NOT_DURABLE),
    ...(options.settings ?? []),
  ];
  const args = ["-D", data, "-p", String(port), ...settings.flatMap((setting) => ["-c", setting])];
  const log: string[] = [];
  let server: ChildProcess | undefined;

  async function start(): Promise<void> {
    if (server) return;
    server = await startPatiently(binaries.postgres, args, user, log);
    process.once("exit", killNow);
  }

  async function end(signal: NodeJS.Signals): Promise<void> {
    if (!server) return;
    const ended = once(server, "exit");
    // Sessions outlive a killed server for a moment, and would answer.
    const sessions = signal === "SIGKILL" ? await listChildren(server.pid) : [];
    server.kill(signal);
    for (const pid of sessions) killIfRunning(pid);
    await ended;
    server = undefined;
    process.off("exit", killNow);
  }

  function killNow(): void {
    server?.kill("SIGKILL");
    rmSync(folder, { recursive: true, force: true });
  }

  await start();
  return {
    port,
    version: binaries.version,
    log,
    url: (database = "postgres", login = "postgres") => `postgres://${login}@127.0.0.1:${port}/${database}`,
    start,
    kill: () => end("SIGKILL"),
    stop: () => end("SIGINT"),
    remove: async () => {
      await end("SIGINT");
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** After a kill the server's other processes take a moment to see that it is gone. */
async function startPatiently(
  ...[program, args, user, log]: Parameters<typeof spawnServer>
): Promise<ChildProcess> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await spawnServer(program, args, user, log);
    } catch (error) {
      const isStillInUse = error instanceof Error && error.message.includes("is still in use");
      if (!isStillInUse || attempt === 50) throw error;
      log.length = 0;
      await delay(100);
    }
  }
}

async function spawnServer(
  program: string,
  args: string[],
  user: { uid: number; gid: number } | undefined,
  log: string[],
): Promise<ChildProcess> {
  const server = spawn(program, args, {
    ...user,
    env: serverEnvironment(),
    stdio: ["ignore", "ignore", "pipe"],
  });
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.stderr.setEncoding("utf8").on("data", (text: string) => {
    log.push(...text.trimEnd().split("\n"));
    log.splice(0, log.length - 100);
    if (text.includes(READY)) resolve();
  });
  server.once("error", reject);
  server.once("exit", (code) => reject(new Error(`PostgreSQL ended with ${code}:\n${log.join("\n")}`)));
  await promise;
  server.removeAllListeners("error");
  return server;
}

/** Not the caller's PG* variables, and the messages in English, because one of them is waited for. */
function serverEnvironment(): NodeJS.ProcessEnv {
  const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith("PG"));
  return { ...Object.fromEntries(inherited), LC_ALL: "C", LC_MESSAGES: "C", TZ: "UTC" };
}

async function findFreePort(): Promise<number> {
  const probe = createServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, "close");
  return port;
}

/** Ends and removes servers whose owner was killed before it could. */
function removeAbandoned(): void {
  for (const name of readdirSync(tmpdir())) {
    if (!name.startsWith(FOLDER_PREFIX)) continue;
    const folder = join(tmpdir(), name);
    const owner = readNumber(join(folder, "owner"));
    if (owner === undefined || isRunning(owner)) continue;
    const server = readNumber(join(folder, "data", "postmaster.pid"));
    if (server !== undefined && isServerOf(server, folder)) killIfRunning(server);
    rmSync(folder, { recursive: true, force: true });
  }
}

function readNumber(path: string): number | undefined {
  const number = existsSync(path) ? Number.parseInt(readFileSync(path, "utf8"), 10) : Number.NaN;
  return Number.isInteger(number) ? number : undefined;
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}

async function listChildren(parent: number | undefined): Promise<number[]> {
  const { stdout } = await promisify(execFile)("ps", ["-A", "-o", "pid=,ppid="]);
  const processes = stdout
    .trim()
    .split("\n")
    .map((line) => line.trim().split(/\s+/).map(Number));
  return processes.flatMap(([pid, ppid]) => (pid !== undefined && ppid === parent ? [pid] : []));
}

function killIfRunning(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "ESRCH")) throw error;
  }
}

/** The pid may belong to somebody else by now. */
function isServerOf(pid: number, folder: string): boolean {
  const commandLine = `/proc/${pid}/cmdline`;
  return existsSync(commandLine) && readFileSync(commandLine, "utf8").includes(folder);
}
