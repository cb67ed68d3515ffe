// The tutorial as its reader does it: its file, its commands, in its order.
import { execFile, spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { parseFencedBlocks } from "./fenced-block.ts";
import { root } from "./source-file.ts";

const execute = promisify(execFile);
const blocks = parseFencedBlocks(
  readFileSync(join(root, "docs", "tutorial", "first-gated-agent.md"), "utf8"),
);
const commands = blocks
  .filter(({ language }) => language === "sh")
  .flatMap(({ code }) => code.split("\n"))
  .filter((line) => line.startsWith("npx holdpoint "));

// Inside the repository, so that the packages of the workspace are found by name.
mkdirSync(join(root, ".tmp"), { recursive: true });
const folder = mkdtempSync(join(root, ".tmp", "tutorial-"));
const path = [dirname(process.execPath), join(root, "node_modules", ".bin"), process.env["PATH"]];
const env = { PATH: path.join(delimiter), HOME: folder, PORT: "0" };
let service: ChildProcess;

beforeAll(async () => {
  await type("init");
  const shown = blocks.find(({ language }) => language === "ts")?.code;
  expect(readFileSync(join(folder, "holdpoint.config.ts"), "utf8")).toBe(`${shown}\n`);
  service = await startService();
});
afterAll(async () => {
  await stopService();
  rmSync(folder, { recursive: true, force: true });
});

async function startService(): Promise<ChildProcess> {
  const program = join(root, "packages", "holdpoint", "bin", "holdpoint.mjs");
  const child = spawn(process.execPath, [program, "start"], {
    cwd: folder,
    env,
    stdio: ["ignore", "pipe", "ignore"],
  });
  await once(child.stdout, "data");
  return child;
}

async function stopService(): Promise<void> {
  if (service.exitCode !== null || service.signalCode !== null) return;
  service.kill("SIGTERM");
  await once(service, "exit");
}

/** The tutorial's command that begins so, with these ids in the place of its own. */
async function type(
  beginning: string,
  ids: { hold?: string; run?: string } = {},
  more = "",
): Promise<string> {
  const written = commands.find((line) => line.startsWith(`npx holdpoint ${beginning}`));
  if (written === undefined) throw new Error(`The tutorial has no command ${beginning}`);
  return shell(`${written.replace("hold_…", ids.hold ?? "?").replace("run_…", ids.run ?? "?")}${more}`);
}

async function shell(line: string): Promise<string> {
  const command = line.replace(/^npx /, "");
  const { stdout } = await execute("bash", ["-euo", "pipefail", "-c", command], { cwd: folder, env });
  return stdout.trim();
}

/** The hold of a run, once it waits. */
async function heldBy(run: string): Promise<string> {
  const { url, key } = JSON.parse(readFileSync(join(folder, ".holdpoint", "local.json"), "utf8")) as Record<
    string,
    string
  >;
  const answer = await fetch(`${url}/v1/runs/${run}/wait`, { headers: { authorization: `Bearer ${key}` } });
  const { holds } = (await answer.json()) as { holds: { id: string; status: string }[] };
  return holds.find(({ status }) => status === "pending")?.id ?? "none";
}

const refunds = () => readFileSync(join(folder, "refunds.txt"), "utf8");

test("the task is held, shown, changed and executed as changed", async () => {
  const run = await type('run shop_helper "Refund order 17');
  const hold = await heldBy(run);
  expect(await type("holds list")).toMatch(
    /^hold_\w+\tpending\tshop_helper\trefund\t.*Refund: order 17, amount 40$/,
  );
  const card = await type("holds show", { hold });
  expect(withoutNames(card)).toBe(withoutNames(shownCard()));
  expect(refunds).toThrow("ENOENT");
  expect(await type("holds modify", { hold }, " --yes 2>/dev/null")).toContain(
    "approved with changes by Admin (cli) 0 s ago; not executed yet",
  );
  await shell(`npx holdpoint runs watch ${run} 2>/dev/null`);
  expect(refunds()).toBe("order 17: 25\n");
  expect(await type("runs list")).toMatch(new RegExp(`^${run}\tcompleted\t`));
});

test("what is rejected is not executed, and the agent is told why", async () => {
  const run = await type('run shop_helper "Refund order 18');
  await type("holds reject", { hold: await heldBy(run) });
  expect(await shell(`npx holdpoint runs watch ${run} 2>/dev/null`)).toBe(
    "Action 'refund' was rejected by reviewer. Reason: Order 18 was never paid.",
  );
  expect(refunds()).toBe("order 17: 25\n");
  expect(await type("audit show", { run })).toContain("rejected: refund → rejected (reviewer: mem_");
});

test("a hold that waits is still there after a restart, and its run goes on", async () => {
  const run = await shell('npx holdpoint run shop_helper "Refund order 19, 5 euros" --no-wait');
  const hold = await heldBy(run);
  await stopService();
  service = await startService();
  await shell(`npx holdpoint holds approve ${hold} --yes`);
  await shell(`npx holdpoint runs watch ${run} 2>/dev/null`);
  expect(refunds()).toBe("order 17: 25\norder 19: 5\n");
});

function shownCard(): string {
  return blocks.find(({ code }) => code.startsWith("● waits for you"))?.code ?? "";
}

/** Ids and times are new each time. */
function withoutNames(text: string): string {
  return text
    .replaceAll(/\b(hold|run)_\w{26}/g, "$1_…")
    .replace(/in \d.*?\(.*?\)/, "in …")
    .trim();
}
