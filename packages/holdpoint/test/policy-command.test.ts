import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  createHoldpoint,
  defineAgent,
  defineConfig,
  defineTool,
  type HoldpointService,
} from "../src/index.ts";
import { z } from "zod";
import { command, type Outcome } from "./fake-world.ts";

const refund = defineTool({
  name: "refund",
  description: "Pays back.",
  input: z.object({ amount: z.number() }),
  reversibility: "partially_reversible",
  value: "amount",
  execute: () => ({}),
});
const config = defineConfig({
  agents: [
    defineAgent({
      id: "support",
      name: "Support",
      model: "openai/gpt-5.2",
      tools: [refund],
      script: () => ({ text: "Done." }),
    }),
  ],
});
let folder: string;
let env: Record<string, string> = {};
const run = (...argv: string[]): Promise<Outcome> => command(argv, { env, cwd: folder });
const write = (name: string, document: unknown) =>
  writeFile(join(folder, name), typeof document === "string" ? document : JSON.stringify(document));

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "policy-command-"));
});
afterAll(() => rm(folder, { recursive: true }));

describe("policy check, without a server", () => {
  test("a usable file is 0; each mistake is told with file, place and remedy, and is 2", async () => {
    await write("good.json", {
      rules: [{ id: "night", when: "now.getHours() < 6", effect: { tier: "sync_gate" } }],
    });
    expect(await run("policy", "check", "good.json")).toMatchObject({ code: 0 });
    await write("bad.json", {
      rules: [
        { id: "a", when: "value >" },
        { id: "b", efect: {} },
      ],
    });
    const { code, stdout } = await run("policy", "check", "bad.json");
    expect(code).toBe(2);
    expect(stdout).toMatch(
      /^error {3}bad\.json: rules\[1\]: There is no efect here\. Did you mean "effect"\? Take it out/m,
    );
    const json = await run("policy", "check", "bad.json", "--json");
    expect(json.code).toBe(2);
    expect(JSON.parse(json.stdout)).toMatchObject({
      file: "bad.json",
      isUsable: false,
      findings: [
        { severity: "error", path: "rules[1]" },
        { severity: "error", path: "rules[0].when" },
        { code: "names_not_checked" },
      ],
    });
  });

  test("a misspelt member comes with what was meant, and hides no other mistake", async () => {
    await write("slips.json", {
      teirs: {},
      rules: [
        { id: "a", efect: {} },
        { id: "b", when: "value >" },
      ],
    });
    const { stdout } = await run("policy", "check", "slips.json");
    expect(stdout).toContain('There is no teirs here. Did you mean "tiers"?');
    expect(stdout).toContain('There is no efect here. Did you mean "effect"?');
    expect(stdout).toMatch(/slips\.json: rules\[1\]\.when: /);
  });

  test("without a config file no name can be wrong, and that is said", async () => {
    await write("names.json", { rules: [{ id: "a", tools: ["delete_record_s"], agents: ["clerk"] }] });
    const { code, stdout } = await run("policy", "check", "names.json", "--json");
    const { findings } = JSON.parse(stdout) as { findings: { code: string }[] };
    expect(code).toBe(0);
    expect(findings.map((finding) => finding.code)).toEqual(["names_not_checked"]);
  });

  test("strict wants answers, which are errors then", async () => {
    await write("short.json", { rules: [{ id: "a", effect: { tier: "sync_gate", timeoutSeconds: 5 } }] });
    expect((await run("policy", "check", "short.json")).code).toBe(0);
    expect((await run("policy", "check", "short.json", "--strict")).code).toBe(2);
  });

  test("what is no policy, no JSON or not there is a usage error", async () => {
    await write("list.json", []);
    await write("broken.json", "{");
    for (const file of ["list.json", "broken.json", "absent.json", "policy.yaml"]) {
      const { code, stderr } = await run("policy", "check", file);
      expect([file, code]).toEqual([file, file === "policy.yaml" ? 1 : 2]);
      expect(stderr).toContain(file);
    }
  });
});

describe("with a server", () => {
  let holdpoint: HoldpointService;
  let server: Server;
  beforeAll(async () => {
    server = createServer((incoming, outgoing) => holdpoint.listener(incoming, outgoing));
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as { port: number };
    const publicUrl = `http://localhost:${port}`;
    holdpoint = await createHoldpoint({
      config,
      publicUrl,
      port,
      dataDir: join(folder, "data"),
      environment: {},
    });
    const { apiKey } = await holdpoint.start();
    env = { HOLDPOINT_URL: publicUrl, HOLDPOINT_API_KEY: apiKey };
  });
  afterAll(async () => {
    await holdpoint.stop();
    server.close();
    server.closeAllConnections();
  });

  test("put, show, versions, explain, shadow and backtest", async () => {
    await write("policy.json", {
      rules: [{ id: "large", tools: ["refund"], when: "value > 50.0", effect: { tier: "escalation" } }],
    });
    expect(await run("policy", "put", "policy.json", "--comment", "Agreed")).toMatchObject({
      code: 0,
      stdout: "1\n",
    });
    expect(await run("policy", "put", "policy.json", "--expected-version", "0")).toMatchObject({
      code: 4,
      stdout: "",
    });
    expect(JSON.parse((await run("policy", "show")).stdout)).toMatchObject({ rules: [{ id: "large" }] });
    expect((await run("policy", "show", "9")).code).toBe(3);
    expect((await run("policy", "versions")).stdout).toMatch(/^1\tapi\tin force\tby Admin .*: Agreed$/m);

    const held = await run("policy", "explain", "refund", "--arguments", '{"amount": 51}');
    expect(held.stdout).toMatch(/^Held: escalation, mandatory_review, by rule large, under version 1/);
    const free = await run("policy", "explain", "refund", "--arguments", '{"amount": 50}');
    expect(free.stdout).toMatch(/^Proceeds by itself/);
    expect((await run("policy", "explain", "refund", "--arguments", "[]")).code).toBe(2);

    await write("draft.json", { rules: [{ id: "all", tools: ["refund"], effect: { tier: "sync_gate" } }] });
    const drafted = await run(
      "policy",
      "explain",
      "refund",
      "--arguments",
      '{"amount": 1}',
      "--policy",
      "draft.json",
    );
    expect(drafted.stdout).toMatch(/^Held: sync_gate.*under the draft/);
    expect(await run("policy", "put", "draft.json", "--shadow")).toMatchObject({ code: 0, stdout: "2\n" });
    const versions = (await run("policy", "versions")).stdout;
    expect(versions).toMatch(/^2\tapi\truns beside\t.*\n1\tapi\tin force\t/);
    const tooLong = await run("grants", "create", "--tool", "refund", "--expires-in", "366d");
    expect(tooLong).toMatchObject({ code: 2, stderr: expect.stringContaining("from 60s to 365d") });
    expect((await run("policy", "shadow")).stdout).toMatch(/^Version 2 saw 0 actions/);
    const backtest = await run("policy", "backtest", "draft.json", "--json");
    expect(JSON.parse(backtest.stdout)).toMatchObject({ days: 30, total: { actions: 0 } });
  });
});
