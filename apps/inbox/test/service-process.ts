import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { Holdpoint } from "@holdpoint/client";

const root = dirname(dirname(dirname(dirname(fileURLToPath(import.meta.url)))));
const PROGRAM = join(root, "packages", "holdpoint", "bin", "holdpoint.mjs");

/** The example that `npm start` runs. */
export const DATA_MANAGER = join(root, "examples", "data-manager", "holdpoint.config.ts");

/** Its tools without a policy. */
export const NO_POLICY = fileURLToPath(
  new URL("../../../examples/data-manager/without-policy.config.ts", import.meta.url),
);

/** An agent whose tools never come back while HANG is set. */
export const HANGING = join(root, "packages", "holdpoint", "test", "fixture", "hanging.config.ts");

export interface ServiceOptions {
  config?: string;
  /** Where browsers reach it, when something stands between. */
  publicUrl?: string;
}

interface Started {
  url: string;
  signInUrl: string;
  apiKey: string;
}

/** A real service: the program that people start, in a process and a data folder of its own. */
export class ServiceProcess {
  readonly #options: ServiceOptions;
  readonly folder = mkdtempSync(join(tmpdir(), "holdpoint-console-"));
  #child: ChildProcess | undefined;
  #started: Started | undefined;
  #port = 0;

  private constructor(options: ServiceOptions) {
    this.#options = options;
  }

  /** The console is built first, when it is not. */
  static async start(
    options: ServiceOptions = {},
    environment: Record<string, string> = {},
  ): Promise<ServiceProcess> {
    buildConsole();
    const service = new ServiceProcess(options);
    service.#port = await freePort();
    await service.start(environment);
    return service;
  }

  get url(): string {
    return this.#options.publicUrl ?? `http://localhost:${this.#port}`;
  }

  get port(): number {
    return this.#port;
  }

  /** Signs the first admin in, once. */
  get signInUrl(): string {
    return this.#need().signInUrl;
  }

  get apiKey(): string {
    return this.#need().apiKey;
  }

  /** As the first admin, over the API. */
  client(apiKey = this.apiKey): Holdpoint {
    return new Holdpoint({ url: `http://localhost:${this.#port}`, apiKey });
  }

  /** On the same port and data as before, when it was stopped. */
  async start(environment: Record<string, string> = {}): Promise<void> {
    const child = spawn(process.execPath, [PROGRAM, "start", "--json"], {
      cwd: this.folder,
      env: {
        ...process.env,
        ...environment,
        NODE_ENV: "development",
        PORT: String(this.#port),
        LOG_LEVEL: "warn",
        HOLDPOINT_DATA_DIR: join(this.folder, ".holdpoint"),
        HOLDPOINT_CONFIG: this.#options.config ?? DATA_MANAGER,
        ...(this.#options.publicUrl === undefined ? {} : { HOLDPOINT_PUBLIC_URL: this.#options.publicUrl }),
      },
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.#child = child;
    const talk: string[] = [];
    child.stderr.on("data", (chunk: Buffer) => talk.push(chunk.toString()));
    const ended = once(child, "exit").then(() => {
      throw new Error(`The service ended at its start.\n${talk.join("")}`);
    });
    const line = once(createInterface(child.stdout), "line") as Promise<[string]>;
    const [json] = await Promise.race([line, ended]);
    ended.catch(() => undefined);
    this.#started = JSON.parse(json) as Started;
  }

  /** Ends the process as an operator would, or as a power cut would, and waits until it has ended. */
  async stop(signal: "SIGTERM" | "SIGKILL" = "SIGTERM"): Promise<void> {
    const child = this.#child;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, "exit");
    child.kill(signal);
    await ended;
  }

  async remove(): Promise<void> {
    await this.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }

  #need(): Started {
    if (this.#started === undefined) throw new Error("The service has not started.");
    return this.#started;
  }
}

/** Known before the service is, so that something else can stand in front of it. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

function buildConsole(): void {
  const built = spawnSync(process.execPath, [join(root, "scripts", "console.mjs")], { encoding: "utf8" });
  if (built.status !== 0) throw new Error(built.stderr);
}
