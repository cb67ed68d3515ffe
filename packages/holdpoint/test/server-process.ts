import { spawn, type ChildProcess } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { once } from "node:events";

import { Holdpoint } from "@holdpoint/client";
import { readLocalServer } from "../src/cli/local-file.ts";
import { command, FakeWorld, type Outcome } from "./fake-world.ts";

export const PROGRAM = join(import.meta.dirname, "../bin/holdpoint.mjs");
export const CONFIG = fileURLToPath(new URL("fixture/holdpoint.config.ts", import.meta.url));

export interface Finished {
  code: number | null;
  stdout: string;
  stderr: string;
}

/** A folder of its own, gone when disposed. */
export class Folder implements Disposable {
  readonly path = mkdtempSync(join(tmpdir(), "holdpoint-"));

  get dataDir(): string {
    return join(this.path, "data");
  }

  /** Nothing of the machine's own settings or model keys. */
  environment(changes: Record<string, string> = {}): Record<string, string> {
    const { PATH = "", NODE_COMPILE_CACHE = "", NODE_OPTIONS = "" } = process.env;
    const own = { PATH, NODE_COMPILE_CACHE, NODE_OPTIONS, HOME: this.path, NO_COLOR: "1" };
    return { ...own, HOLDPOINT_DATA_DIR: this.dataDir, HOLDPOINT_CONFIG: CONFIG, PORT: "0", ...changes };
  }

  [Symbol.dispose](): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}

/** Runs the command line as a process of its own, to its end. */
export async function runProcess(
  argv: string[],
  env: Record<string, string>,
  cwd = tmpdir(),
): Promise<Finished> {
  const child = spawn(process.execPath, [PROGRAM, ...argv], { env, cwd, stdio: ["ignore", "pipe", "pipe"] });
  return collect(child);
}

async function collect(child: ChildProcess): Promise<Finished> {
  const finished = { code: null as number | null, stdout: "", stderr: "" };
  child.stdout?.on("data", (chunk: Buffer) => (finished.stdout += chunk.toString()));
  child.stderr?.on("data", (chunk: Buffer) => (finished.stderr += chunk.toString()));
  await once(child, "close");
  return { ...finished, code: child.exitCode };
}

/** `holdpoint start` as a process of its own, serving. Killed when disposed. */
export class ServerProcess implements AsyncDisposable {
  readonly child: ChildProcess;
  readonly finished: Promise<Finished>;
  readonly #folder: Folder;
  readonly #env: Record<string, string>;

  private constructor(folder: Folder, env: Record<string, string>) {
    this.#folder = folder;
    this.#env = env;
    this.child = spawn(process.execPath, [PROGRAM, "start", "--json"], {
      env,
      cwd: folder.path,
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.finished = collect(this.child);
  }

  /** Resolves once it serves; rejects with its talk when it ends before. */
  static async start(folder: Folder, changes: Record<string, string> = {}): Promise<ServerProcess> {
    const server = new ServerProcess(folder, folder.environment(changes));
    const served = once(server.child.stdout ?? server.child, "data");
    const ended = server.finished.then(({ code, stderr }) => {
      throw new Error(`The server ended with ${code}: ${stderr}`);
    });
    ended.catch(() => undefined);
    await Promise.race([served, ended]);
    return server;
  }

  /** A terminal of its own, for a command that goes on while the test does something. */
  world(): FakeWorld {
    return new FakeWorld({ env: this.#env, cwd: this.#folder.path });
  }

  /** One command, which finds this server through local.json. */
  run(...argv: string[]): Promise<Outcome> {
    return command(argv, { env: this.#env, cwd: this.#folder.path });
  }

  /** A client with the key of local.json. */
  async client(): Promise<Holdpoint> {
    const local = await readLocalServer(this.#folder.dataDir);
    if (local === undefined) throw new Error("There is no local.json.");
    return new Holdpoint({ url: local.url, apiKey: local.key });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.child.exitCode === null) await this.stop("SIGKILL");
  }

  async stop(signal: NodeJS.Signals = "SIGTERM"): Promise<Finished> {
    this.child.kill(signal);
    return this.finished;
  }
}
