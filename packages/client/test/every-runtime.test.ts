// The client, bundled, in each runtime that it is said to run in, against a real service.
import { execFile, spawn, spawnSync } from "node:child_process";
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { launchChromium } from "../../../test/chromium.ts";
import {
  endAll,
  exampleConfig,
  startService,
  temporaryFolder,
  type ServiceProcess,
} from "../../../test/system/service-process.ts";
import { bundle } from "./bundle.ts";
import type { scenario as Scenario } from "./runtimes/scenario.ts";

const run = promisify(execFile);
const runtimes = fileURLToPath(new URL("runtimes", import.meta.url));
const EXPECTED = {
  outcomes: ["approved", "approved", "modified", "rejected"],
  executed: [{ order: 1, eur: 240 }, { order: 2 }, { order: 3, eur: 100 }],
  streamed: true,
  errors: [true, true, true],
  ended: "Error: enough",
  run: "completed",
  listed: 3,
};

const folder = temporaryFolder();
let service: ServiceProcess;
beforeAll(async () => {
  installRuntimes();
  const code = await bundle(join(runtimes, "scenario.ts"));
  writeFileSync(join(folder.path, "scenario.mjs"), code);
  writeFileSync(
    join(folder.path, "main.mjs"),
    `import process from "node:process";
import { scenario } from "./scenario.mjs";
const [url, apiKey] = process.argv.slice(2);
console.log(JSON.stringify(await scenario({ url, apiKey })));
process.exit(0);
`,
  );
  service = await startService({
    HOLDPOINT_DATA_DIR: join(folder.path, "data"),
    HOLDPOINT_CONFIG: exampleConfig,
  });
});
afterAll(async () => {
  await endAll();
  folder.remove();
});

/** Into a folder of their own, once: nobody who installs the repository carries them. */
function installRuntimes(): void {
  const lock = readFileSync(join(runtimes, "package-lock.json"), "utf8");
  const stamp = join(runtimes, "node_modules", ".lock");
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === lock) return;
  rmSync(join(runtimes, "node_modules"), { recursive: true, force: true });
  const settings = ["--ignore-scripts", "--include=optional", "--no-audit", "--no-fund", "--no-workspaces"];
  const { status, stderr } = spawnSync("npm", ["ci", ...settings], { cwd: runtimes, encoding: "utf8" });
  if (status !== 0) throw new Error(`npm ci in ${runtimes} failed:\n${stderr}`);
  writeFileSync(stamp, lock);
}

/** The program of that package for this machine. */
function programOf(...names: string[]): string {
  const path = names.map((name) => join(runtimes, "node_modules", name)).find((each) => existsSync(each));
  if (path === undefined) throw new Error(`There is none of ${names.join(", ")} for ${process.arch}.`);
  return path;
}

async function inProcess(program: string, ...args: string[]): Promise<unknown> {
  const env = { PATH: process.env["PATH"] ?? "", HOME: folder.path, NO_COLOR: "1" };
  const { stdout } = await run(program, [...args, "main.mjs", service.url, service.apiKey], {
    cwd: folder.path,
    env,
  });
  return JSON.parse(stdout);
}

test("Node", async () => {
  expect(await inProcess(process.execPath)).toEqual(EXPECTED);
});

test("Deno", async () => {
  const deno = programOf("@deno/linux-x64-glibc/deno");
  expect(await inProcess(deno, "run", "--no-config", "--allow-net")).toEqual(EXPECTED);
});

test("Bun", async () => {
  const bun = programOf("@oven/bun-linux-x64/bin/bun", "@oven/bun-linux-aarch64/bin/bun");
  expect(await inProcess(bun, "run")).toEqual(EXPECTED);
});

test("workerd", async () => {
  writeFileSync(
    join(folder.path, "worker.mjs"),
    `import { scenario } from "./scenario.mjs";
export default { fetch: async (request) => Response.json(await scenario(await request.json())) };
`,
  );
  writeFileSync(
    join(folder.path, "worker.capnp"),
    `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    ( name = "main", worker = .worker ),
    ( name = "network", network = ( allow = ["public", "private"] ) ),
  ],
  sockets = [ ( name = "http", address = "127.0.0.1:0", http = (), service = "main" ) ],
);
const worker :Workerd.Worker = (
  modules = [
    ( name = "worker.mjs", esModule = embed "worker.mjs" ),
    ( name = "scenario.mjs", esModule = embed "scenario.mjs" ),
  ],
  compatibilityDate = "2026-06-01",
  globalOutbound = "network",
);
`,
  );
  const workerd = programOf(
    "@cloudflare/workerd-linux-64/bin/workerd",
    "@cloudflare/workerd-linux-arm64/bin/workerd",
  );
  const child = spawn(workerd, ["serve", "worker.capnp", "--control-fd=3"], {
    cwd: folder.path,
    stdio: ["ignore", "inherit", "inherit", "pipe"],
  });
  try {
    const control = createInterface({ input: child.stdio[3] as NodeJS.ReadableStream });
    const port = await new Promise<number>((resolve, reject) => {
      control.on("line", (line) => {
        const said = JSON.parse(line) as { event: string; port: number };
        if (said.event === "listen") resolve(said.port);
      });
      child.once("exit", (code) => reject(new Error(`workerd ended with ${code}.`)));
    });
    const response = await fetch(`http://127.0.0.1:${port}/`, {
      method: "POST",
      body: JSON.stringify({ url: service.url, apiKey: service.apiKey }),
    });
    const text = await response.text();
    expect(response.status === 200 ? JSON.parse(text) : text).toEqual(EXPECTED);
  } finally {
    child.kill("SIGKILL");
  }
});

test("Chromium", async () => {
  const browser = await launchChromium();
  try {
    const page = await browser.newPage();
    // A page of the service's own origin: any other may not read its answers.
    await page.route("**/client-test/**", (route) => {
      const isPage = route.request().url().endsWith("/");
      const script = readFileSync(join(folder.path, "scenario.mjs"), "utf8");
      return isPage
        ? route.fulfill({ contentType: "text/html", body: "<!doctype html><title>client</title>" })
        : route.fulfill({ contentType: "text/javascript", body: script });
    });
    await page.goto(`${service.url}/client-test/`);
    const result = await page.evaluate(
      async ({ url, apiKey }) => {
        const path: string = "/client-test/scenario.mjs";
        const { scenario } = (await import(path)) as { scenario: typeof Scenario };
        return scenario({ url, apiKey });
      },
      { url: service.url, apiKey: service.apiKey },
    );
    expect(result).toEqual(EXPECTED);
  } finally {
    await browser.close();
  }
});
