import { spawn } from "node:child_process";
import { once } from "node:events";
import { get } from "node:http";
import { createServer, type AddressInfo } from "node:net";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { commandLine } from "./command-line.ts";

const CONFIG = fileURLToPath(new URL("../../examples/data-manager/holdpoint.config.ts", import.meta.url));
const ASK_EVERY_MS = 10;
/** All rows at once on a busy machine take their time; what is measured is the time, not this. */
const WITHIN_MS = 180_000;

export interface StartedService {
  /** From the start of the process to the first `/ready` that says yes. */
  readonly readySeconds: number;
  /** In order, so that the next start need not recover. */
  stop(): Promise<void>;
}

/** Runs `holdpoint start` on a folder, as somebody does in a terminal. Throws when it ends or does not become ready. */
export async function startService(folder: string): Promise<StartedService> {
  const port = await freePort();
  const { program, args } = commandLine(["start", "--json"]);
  const startedAt = performance.now();
  const child = spawn(program, args, {
    cwd: folder,
    // Nothing of the machine's own settings or model keys.
    env: {
      PATH: process.env["PATH"],
      HOME: folder,
      NO_COLOR: "1",
      PORT: String(port),
      HOLDPOINT_CONFIG: CONFIG,
      HOLDPOINT_DATA_DIR: join(folder, "data"),
    },
    stdio: ["ignore", "ignore", "pipe"],
  });
  let stderr = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
  const exit = once(child, "exit");
  // However this process ends: a service is never left over.
  const kill = (): void => void child.kill("SIGKILL");
  process.once("exit", kill);
  try {
    while (!(await isReady(port))) {
      if (child.exitCode !== null) throw new Error(`holdpoint start ended: ${stderr.slice(-2_000)}`);
      if (performance.now() - startedAt > WITHIN_MS)
        throw new Error("holdpoint start does not become ready.");
      await delay(ASK_EVERY_MS);
    }
  } catch (error) {
    kill();
    throw error;
  }
  const readySeconds = (performance.now() - startedAt) / 1_000;
  return {
    readySeconds,
    async stop() {
      child.kill("SIGTERM");
      await exit;
      process.off("exit", kill);
    },
  };
}

function isReady(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const asked = get({ host: "127.0.0.1", port, path: "/ready", agent: false }, (response) => {
      response.resume();
      resolve(response.statusCode === 200);
    });
    asked.once("error", () => resolve(false)); // nobody listens yet
  });
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}
