import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Holdpoint } from "@holdpoint/client";
import { afterAll, beforeAll, expect, test } from "vitest";
import { z } from "zod";
import {
  createHoldpoint,
  defineAgent,
  defineConfig,
  defineTool,
  type HoldpointService,
} from "../src/index.ts";
import { command, type Outcome } from "./fake-world.ts";

const config = defineConfig({
  agents: [
    defineAgent({
      id: "librarian",
      name: "Librarian",
      model: "openai/gpt-5.2",
      tools: [
        defineTool({
          name: "rebuild",
          description: "Rebuilds.",
          input: z.object({}),
          requiresConfirmation: true,
          execute: () => ({}),
        }),
      ],
      script: ({ results }) =>
        results.length > 0 ? { text: "Done." } : { toolCalls: [{ name: "rebuild", arguments: {} }] },
    }),
  ],
});
let folder: string;
let holdpoint: HoldpointService;
let server: Server;
let client: Holdpoint;
let env: Record<string, string> = {};
const run = (...argv: string[]): Promise<Outcome> => command(argv, { env, cwd: folder });

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "orders-command-"));
  // The service's own address has to be known before it is put together.
  server = createServer((request, response) => holdpoint.listener(request, response)).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  const url = `http://localhost:${port}`;
  holdpoint = await createHoldpoint({
    config,
    publicUrl: url,
    port,
    dataDir: join(folder, "data"),
    environment: {},
  });
  const { apiKey } = await holdpoint.start();
  env = { HOLDPOINT_URL: url, HOLDPOINT_API_KEY: apiKey };
  client = new Holdpoint({ url, apiKey });
});
afterAll(async () => {
  server.closeAllConnections();
  server.close();
  await holdpoint.stop();
  await rm(folder, { recursive: true });
});

test("an agent is paused and held, the list says by whom and why, and both are lifted", async () => {
  expect(await run("agents", "pause", "librarian", "--reason", "look first")).toMatchObject({
    code: 0,
    stdout: "Agent librarian is paused: 0 runs now, and those to come, each at its next interrupt point.\n",
  });
  expect((await run("agents", "hold", "librarian")).code).toBe(2);
  expect((await run("agents", "hold", "librarian", "--reason", "it runs wild")).stdout).toMatch(/is held/);
  expect((await run("tools", "hold", "rebuild", "--reason", "broken")).code).toBe(0);
  const list = await run("agents", "list");
  expect(list.stdout).toMatch(
    /^librarian\tLibrarian\there\tpaused by .+: look first; held by .+: it runs wild\n$/,
  );
  expect((await run("tools", "list")).stdout).toMatch(/^rebuild\tlibrarian\theld by .+: broken\n$/);
  expect((await run("agents", "resume", "librarian")).stdout).toMatch(/paused no more; 0 runs go on/);
  for (const [what, id] of [
    ["agents", "librarian"],
    ["tools", "rebuild"],
  ] as const)
    expect((await run(what, "release", id)).code).toBe(0);
  expect(await run("tools", "release", "rebuild")).toMatchObject({ code: 4 });
  expect((await run("agents", "list")).stdout).toMatch(/\there\t-\n$/);
});

test("a name that nobody knows is held all the same, and said", async () => {
  const held = await run("tools", "hold", "rebiuld", "--reason", "x");
  expect([held.code, held.stderr]).toEqual([0, expect.stringMatching(/knows no tool rebiuld/)]);
  expect((await run("tools", "list")).stdout).toMatch(/rebiuld\telsewhere\theld/);
  await run("tools", "release", "rebiuld");
});

test("all runs, and those of a session: paused, resumed, cancelled", async () => {
  expect(await run("runs", "pause")).toMatchObject({ code: 2 });
  expect(await run("runs", "pause", "run_1", "--all")).toMatchObject({ code: 2 });
  const { id } = await client.runs.start("librarian", { input: "Rebuild", sessionId: "s-1" });
  await client.runs.wait(id, { timeoutSeconds: 20 });
  expect((await run("runs", "pause", "--all", "--reason", "fire")).stdout).toMatch(
    /^Everything is paused: 1 run now/,
  );
  expect((await run("agents", "list")).stderr).toMatch(/All runs are paused by .+: fire/);
  expect((await run("runs", "show", id)).stdout).toMatch(/^paused[^]*paused by an order over all runs/);
  expect((await run("runs", "resume", "--all")).stdout).toBe(
    "Everything is paused no more; 1 run goes on.\n",
  );
  expect((await run("sessions", "pause", "s-1")).stdout).toMatch(/^Session s-1 is paused: 1 run now/);
  expect((await run("sessions", "resume", "s-1")).code).toBe(0);
  expect((await run("sessions", "cancel", "s-1", "--reason", "bye")).stdout).toBe(`${id} is cancelled.\n`);
  expect((await run("sessions", "cancel", "s-1")).stderr).toMatch(/None of its runs/);
  expect((await run("sessions", "pause", "nope")).code).toBe(3);
});

test("a run that is over is deleted, once somebody has said so", async () => {
  const { id } = await client.runs.start("librarian", { input: "Rebuild" });
  await client.runs.wait(id, { timeoutSeconds: 20 });
  const refused = await run("runs", "delete", id, "--yes");
  expect([refused.code, refused.stderr]).toEqual([4, expect.stringMatching(/is holding: wait for its end/)]);
  await client.runs.cancel(id);
  const unasked = await run("runs", "delete", id);
  expect([unasked.code, unasked.stderr]).toEqual([2, expect.stringMatching(/without a terminal to ask on/)]);
  // Enter deletes nothing: it asks again.
  let asked = 0;
  const typed = await command(["runs", "delete", id], {
    env,
    cwd: folder,
    isTerminal: true,
    onTalk(stderr, typing) {
      const questions = stderr.match(/Type delete to delete this/g)?.length ?? 0;
      for (; asked < questions; asked++) typing.type(asked === 0 ? "\r" : "no\r");
    },
  });
  expect([typed.code, typed.stderr]).toEqual([
    1,
    expect.stringMatching(/of librarian, cancelled.*\n[^]*Nothing was/),
  ]);
  expect((await run("runs", "show", id)).code).toBe(0);
  expect(await run("runs", "delete", id, "--yes")).toMatchObject({
    code: 0,
    stdout: `${id} is deleted: 1 run, 1 hold; the audit log keeps its entries.\n`,
  });
  expect((await run("runs", "show", id)).code).toBe(3);
  expect((await run("runs", "delete", id, "--yes")).code).toBe(3);
});

test("a run elsewhere shows what was heard of it, and its hold says that it is lost", async () => {
  const external = await client.runs.register({ agentId: "scraper", input: "Read", heartbeatSeconds: 1 });
  await external.interruptPoint({ steps: 3, text: "page 3" });
  external.close();
  const hold = await client.holds.create({ runId: external.id, action: { name: "refund" } });
  if (!("id" in hold)) throw new Error("It was let through.");
  await expect
    .poll(async () => (await client.holds.get(hold.id)).runLostAt, { timeout: 10_000 })
    .not.toBe(null);
  expect((await run("runs", "show", external.id)).stdout).toMatch(
    /lives elsewhere, heard of .+, 3 steps done, page 3\n[^]*lost .+: nothing is heard of it/,
  );
  expect((await run("holds", "show", hold.id)).stdout).toMatch(
    /lost for .+: nothing is heard of it; a decision is kept/,
  );
  expect((await run("runs", "list")).stdout).toMatch(/holding \(lost\)\tscraper/);
  expect((await run("agents", "list")).stdout).toMatch(/scraper\tscraper\telsewhere\t-/);
});
