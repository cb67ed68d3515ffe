// node scripts/first-held-call.mjs --tarballs FOLDER: from an empty folder to the first held call that was decided and
// executed, with the packed packages and nothing of this repository, as somebody does it who installs them (P15).
// Says each step on stderr, and at the end one line of JSON on stdout: {"steps": {name: seconds}, "seconds": total}.
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { nodeEnvironment, prepare } from "./launch.mjs";

const { values: options } = parseArgs({
  options: { tarballs: { type: "string" }, keep: { type: "string" } },
});

const node = prepare();
if (node !== undefined) {
  const folder = options.keep ?? mkdtempSync(join(tmpdir(), "holdpoint-first-"));
  try {
    console.log(JSON.stringify(await goThrough(folder)));
  } catch (error) {
    process.stderr.write(`first-held-call: ${error.message}\n`);
    process.exitCode = 1;
  } finally {
    if (options.keep === undefined) rmSync(folder, { recursive: true, force: true });
  }
}

async function goThrough(folder) {
  const steps = {};
  const begun = performance.now();
  let last = begun;
  const done = (step) => {
    steps[step] = (performance.now() - last) / 1000;
    last = performance.now();
    process.stderr.write(`${step.padEnd(10)}${steps[step].toFixed(1).padStart(6)} s\n`);
  };
  const tarballs = resolve(options.tarballs);
  const packages = readdirSync(tarballs).filter((name) => name.endsWith(".tgz"));
  const shell = commandsIn(folder);
  const places = packages.map((name) => join(tarballs, name));
  shell("npm", ["install", "--prefer-offline", "--ignore-scripts", "--no-audit", "--no-fund", ...places]);
  done("install");
  const { written, next } = JSON.parse(shell("npx", ["holdpoint", "init", "--json"]));
  for (const command of next.filter((command) => command.startsWith("npm install"))) {
    shell("npm", [...command.split(" ").slice(1), "--prefer-offline", "--no-audit", "--no-fund"]);
  }
  done("init");
  const service = await startService(folder);
  try {
    done("start");
    const run = shell("npx", [
      "holdpoint",
      "run",
      "shop_helper",
      "Refund order 17, 40 euros",
      "--no-wait",
    ]).trim();
    const hold = await heldBy(run, folder);
    shell("npx", ["holdpoint", "holds", "approve", hold, "--yes"]);
    shell("npx", ["holdpoint", "runs", "watch", run]);
    const refunds = readFileSync(join(folder, "refunds.txt"), "utf8");
    if (refunds !== "order 17: 40\n") throw new Error(`refunds.txt is ${JSON.stringify(refunds)}.`);
    done("decided");
    const pages = await fetch(`${service.url}/`, { headers: { accept: "text/html" } });
    const page = await pages.text();
    if (!page.includes("<script")) throw new Error("the console is not among what was installed.");
  } finally {
    await service.stop();
  }
  return { steps, seconds: (last - begun) / 1000, written };
}

function commandsIn(folder) {
  const env = environment();
  return (program, args) => {
    const result = spawnSync(program, args, {
      cwd: folder,
      env,
      encoding: "utf8",
      shell: process.platform === "win32",
    });
    if (result.status === 0) return result.stdout;
    throw new Error(
      `${program} ${args.join(" ")} ended with ${result.status}.\n${result.stdout}${result.stderr}${result.error ?? ""}`,
    );
  };
}

/** Nothing of Holdpoint's own settings, of model keys and of what is compiled here; what npm and the network need stays. */
function environment() {
  const kept = Object.entries(nodeEnvironment(node)).filter(
    ([name]) =>
      !/^(HOLDPOINT_|DATABASE_URL$|NODE_ENV$|NODE_COMPILE_CACHE$|npm_(lifecycle|package|config_local)|INIT_CWD$)|_API_KEY$/.test(
        name,
      ),
  );
  return { ...Object.fromEntries(kept), PORT: "0", NO_COLOR: "1" };
}

async function startService(folder) {
  // Not through npx, whose process would be between us and the signal that stops it.
  const program = join(folder, "node_modules", "holdpoint", "bin", "holdpoint.mjs");
  const child = spawn(node, [program, "start", "--json"], {
    cwd: folder,
    env: environment(),
    stdio: ["ignore", "pipe", "pipe"],
  });
  const ended = once(child, "exit");
  let said = "";
  child.stderr.on("data", (chunk) => (said += chunk));
  const line = await new Promise((resolve, reject) => {
    child.stdout.once("data", resolve);
    child.once("exit", (code) => reject(new Error(`holdpoint start ended with ${code}.\n${said}`)));
  });
  return {
    url: JSON.parse(line.toString()).url,
    stop: async () => {
      child.kill("SIGTERM");
      await ended;
    },
  };
}

/** The hold of a run, once it waits. */
async function heldBy(run, folder) {
  const { url, key } = JSON.parse(readFileSync(join(folder, ".holdpoint", "local.json"), "utf8"));
  const answer = await fetch(`${url}/v1/runs/${run}/wait`, { headers: { authorization: `Bearer ${key}` } });
  const { holds } = await answer.json();
  const hold = holds.find(({ status }) => status === "pending");
  if (hold === undefined) throw new Error(`${run} holds for nobody.`);
  return hold.id;
}
