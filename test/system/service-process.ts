// The service as users run it: a process of its own, reached over HTTP.
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { HttpDoor } from "./http-door.ts";

export const repository = fileURLToPath(new URL("../../", import.meta.url));
export const exampleConfig = join(repository, "examples", "data-manager", "holdpoint.config.ts");

export type Environment = Readonly<Record<string, string | undefined>>;

/** A command of ours that runs. */
export interface RunningCommand {
  readonly child: ChildProcess;
  /** What it has written so far. */
  stdout(): string;
  stderr(): string;
  /** Its exit code, or the signal that ended it. */
  readonly ended: Promise<number | NodeJS.Signals>;
  /** The first line of its stdout; rejects with everything it said when it ends without one. */
  firstLine(): Promise<string>;
}

/** A service that serves. */
export interface ServiceProcess extends RunningCommand {
  readonly url: string;
  /** The operator key of its first admin. */
  readonly apiKey: string;
  /** Its HTTP door, as that admin. */
  readonly door: HttpDoor;
  /** kill -9. */
  kill(): Promise<void>;
  /** Asks it to stop, as Ctrl-C does; resolves to its exit code. */
  stop(): Promise<number | NodeJS.Signals>;
}

const running = new Set<ChildProcess>();
process.once("exit", () => {
  for (const child of running) child.kill("SIGKILL");
});

/** Ends what a test left running. */
export async function endAll(): Promise<void> {
  await Promise.all(
    [...running].map(async (child) => {
      const exited = once(child, "exit");
      child.kill("SIGKILL");
      await exited;
    }),
  );
}

/** A folder of a test's own, and its removal. */
export function temporaryFolder(): { path: string; remove(): void } {
  const path = mkdtempSync(join(tmpdir(), "holdpoint-system-"));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}

/** Runs a program of the repository with an environment in which nothing of the tester's own counts. */
export function runCommand(program: string, args: readonly string[], env: Environment): RunningCommand {
  const child = spawn(process.execPath, [program, ...args], {
    cwd: tmpdir(),
    env: { ...neutralEnvironment(), ...env },
    stdio: ["ignore", "pipe", "pipe", "ipc"],
  });
  running.add(child);
  const written = { stdout: "", stderr: "" };
  child.stdout?.setEncoding("utf8").on("data", (text: string) => void (written.stdout += text));
  child.stderr?.setEncoding("utf8").on("data", (text: string) => void (written.stderr += text));
  const ended = new Promise<number | NodeJS.Signals>((resolve, reject) => {
    child.once("error", reject);
    // "close" comes after the last word on its streams.
    child.once("close", (code, signal) => {
      running.delete(child);
      resolve(code ?? signal ?? 0);
    });
  });
  const lines = child.stdout === null ? undefined : createInterface({ input: child.stdout });
  const first = new Promise<string>((resolve, reject) => {
    lines?.once("line", resolve);
    void ended.then(
      (how) => reject(new Error(`${program} ended with ${how}:\n${written.stderr}${written.stdout}`)),
      reject,
    );
  });
  first.catch(() => undefined); // whoever wants the line gets the rejection
  return {
    child,
    stdout: () => written.stdout,
    stderr: () => written.stderr,
    ended,
    firstLine: () => first,
  };
}

/** Waits until it serves: it then says where and with which key, as JSON. */
export async function served(command: RunningCommand): Promise<ServiceProcess> {
  const { url, apiKey } = JSON.parse(await command.firstLine()) as { url: string; apiKey: string };
  const end = async (signal: NodeJS.Signals): Promise<number | NodeJS.Signals> => {
    command.child.kill(signal);
    return command.ended;
  };
  return {
    ...command,
    url,
    apiKey,
    door: new HttpDoor(url, apiKey),
    kill: async () => void (await end("SIGKILL")),
    stop: () => end("SIGINT"),
  };
}

/** `holdpoint start`, on a free port unless `env` says another. */
export function startCommand(env: Environment): RunningCommand {
  const program = join(repository, "packages", "holdpoint", "bin", "holdpoint.mjs");
  return runCommand(program, ["start", "--json"], { PORT: "0", ...env });
}

export function startService(env: Environment): Promise<ServiceProcess> {
  return served(startCommand(env));
}

/** Settings of the service and keys of models, whoever's shell this is, are not the tests'. */
const FOREIGN = /^(HOLDPOINT_|PG|DATABASE_URL$|PORT$|HOST$|LOG_LEVEL$|NODE_ENV$|(OPENAI|ANTHROPIC|GOOGLE)_)/;

function neutralEnvironment(): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(([name]) => !FOREIGN.test(name));
  return Object.fromEntries(kept);
}
