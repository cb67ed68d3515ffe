import { existsSync, statSync, writeFileSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Folder, runProcess, ServerProcess } from "./server-process.ts";

describe("a service that runs", () => {
  let folder: Folder;
  let server: ServerProcess;
  beforeAll(async () => {
    folder = new Folder();
    server = await ServerProcess.start(folder);
  });
  afterAll(async () => {
    await server.stop();
    folder[Symbol.dispose]();
  });

  test("is found by the command line through local.json, which only its owner reads", async () => {
    expect(statSync(join(folder.dataDir, "local.json")).mode & 0o777).toBe(0o600);
    const { code, stdout } = await server.run("holds", "list", "--json");
    expect({ code, ...JSON.parse(stdout) }).toEqual({ code: 0, data: [], hasMore: false });
  });

  test("holds its data folder: a second start says so and ends with 1", async () => {
    const { code, stdout, stderr } = await runProcess(["start"], folder.environment());
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    expect(stderr).toMatch(/is in use by process \d+/);
    expect(stderr.trim().split("\n")).toHaveLength(1);
    expect(existsSync(join(folder.dataDir, "local.json"))).toBe(true);
  });

  test("holds its data folder against migrate too", async () => {
    const { code, stderr } = await runProcess(["migrate"], folder.environment());
    expect(code).toBe(1);
    expect(stderr).toMatch(/is in use by process \d+/);
  });

  test("is seen by the doctor", async () => {
    const { code, stdout } = await server.run("doctor", "--json");
    const { ok, findings } = JSON.parse(stdout) as {
      ok: boolean;
      findings: { name: string; state: string; text: string }[];
    };
    expect({ code, ok }).toEqual({ code: 0, ok: true });
    expect(findings.find(({ name }) => name === "Server")).toMatchObject({
      state: "ok",
      text: expect.stringContaining("serves"),
    });
    expect(findings.find(({ name }) => name === "Config")).toMatchObject({
      text: expect.stringContaining("data_manager"),
    });
  });

  test("makes keys, members and links; a revoked key is refused", async () => {
    const created = await server.run("keys", "create", "--name", "ci", "--json");
    const { id, key } = JSON.parse(created.stdout) as { id: string; key: string };
    expect((await server.run("holds", "list", "--api-key", key)).code).toBe(0);
    expect((await server.run("keys", "revoke", id)).code).toBe(0);
    expect((await server.run("holds", "list", "--api-key", key)).stderr).toMatch(/valid key/);
    const added = await server.run(
      "members",
      "add",
      "--email",
      "r@example.com",
      "--name",
      "R",
      "--role",
      "reviewer",
    );
    expect(added.stdout).toMatch(/^http:\/\/localhost:\d+\/sign-in\/\S+\n$/);
    expect((await server.run("members", "list")).stdout).toMatch(/reviewer\tr@example.com\tR/);
    expect((await server.run("login-link")).stdout).toMatch(/^http:\/\/localhost:\d+\/sign-in\/\S+\n$/);
    expect((await server.run("login-link", "--member", "x@example.com")).code).toBe(3);
  });
});

describe("following what happens", () => {
  let folder: Folder;
  let server: ServerProcess;
  beforeAll(async () => {
    folder = new Folder();
    server = await ServerProcess.start(folder);
  });
  afterAll(async () => {
    await server.stop();
    folder[Symbol.dispose]();
  });

  test("watch shows what is pending, what comes, and how it ends, until Ctrl-C", async () => {
    const pending = await startHeld(server, "delete 1");
    const world = server.world();
    const watching = world.run("holds", "watch", "--json");
    await world.saw(new RegExp(pending.holdId));
    const later = await startHeld(server, "delete 2");
    await world.saw(new RegExp(`"pending".*${later.holdId}`));
    await server.run("holds", "skip", pending.holdId);
    await world.saw(new RegExp(`"skipped".*${pending.holdId}`));
    world.interrupt();
    const { code, stdout } = await watching;
    const lines = stdout
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as { event: string; hold: { id: string } });
    expect(code).toBe(0);
    expect(lines.map(({ event, hold }) => [event, hold.id])).toEqual([
      ["pending", pending.holdId],
      ["pending", later.holdId],
      ["skipped", pending.holdId],
    ]);
    await server.run("holds", "reject", later.holdId);
  });

  test("run --json writes each event as a line, and the run at last", async () => {
    const { code, stdout } = await server.run("run", "data_manager", "how many?", "--json");
    const lines = stdout
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as { type: string; run?: { status: string } });
    expect(code).toBe(0);
    expect(lines.map(({ type }) => type)).toContain("action.executed");
    expect(lines.at(-1)).toMatchObject({ type: "result", run: { status: "completed" } });
  });

  test("a run that waits tells how to decide, and goes on when somebody has", async () => {
    const world = server.world();
    const running = world.run("run", "data_manager", "delete 3");
    const [, holdId = ""] = await world.saw(/npx holdpoint holds approve (hold_\w+)/);
    expect((await server.run("holds", "modify", holdId, "--set", "count=1", "--yes")).code).toBe(0);
    const { code, stdout } = await running;
    expect(code).toBe(0);
    expect(stdout).toContain('"deleted":1');
    // What was done stands first, then what the model had wanted (I1).
    const { runId } = JSON.parse((await server.run("holds", "show", holdId, "--json")).stdout) as {
      runId: string;
    };
    const shown = await server.run("runs", "show", runId);
    expect(shown.stdout).toMatch(/count[^\n]*1[^\n]*\n {2}changed by \S+[^\n]* from [^\n]*count[^\n]*3/);
  });

  test("the audit log tells the story of a run, for people and for programs", async () => {
    const { runId, holdId } = await startHeld(server, "delete 4");
    await server.run("holds", "reject", holdId, "--reason", "no");
    await server.run("runs", "watch", runId);
    const shown = await server.run("audit", "show", "--run", runId);
    expect(shown.stdout).toMatch(/gate_presented: delete_records[\s\S]*rejected: delete_records/);
    const exported = await server.run("audit", "export", "--hold", holdId, "--format", "jsonl");
    for (const line of exported.stdout.trimEnd().split("\n"))
      expect(JSON.parse(line)).toMatchObject({ event: { holdId } });
    expect((await server.run("audit", "export", "--run", runId, "--format", "csv")).stdout).toMatch(/^\w+,/);
  });

  test("demo reset puts the table back", async () => {
    const { holdId } = await startHeld(server, "delete 100");
    expect((await server.run("holds", "approve", holdId, "--yes")).code).toBe(0);
    expect(await server.run("demo", "reset")).toMatchObject({
      code: 0,
      stderr: expect.stringContaining("300 users again."),
    });
    expect((await server.run("run", "data_manager", "how many?")).stdout).toContain('"count":300');
    const key = JSON.parse((await server.run("keys", "create", "--json")).stdout) as { key: string };
    expect((await server.run("demo", "reset", "--api-key", key.key)).code).toBe(1);
  });
});

interface HeldRun {
  runId: string;
  holdId: string;
}

/** Starts a run and comes back as soon as it is held. */
async function startHeld(server: ServerProcess, input: string): Promise<HeldRun> {
  const run = await (await server.client()).runs.start("data_manager", { input });
  return { runId: run.id, holdId: await firstHold(server, run.id) };
}

describe("a service that stops", () => {
  test("ends with 0 at SIGINT, and leaves no local.json; what waits is kept, also over kill -9", async () => {
    using folder = new Folder();
    await using first = await ServerProcess.start(folder);
    const started = await first.run("run", "data_manager", "delete 5", "--no-wait");
    expect(started.stdout).toMatch(/^run_\w+\n$/);
    const runId = started.stdout.trim();
    await first.stop("SIGKILL");
    expect(existsSync(join(folder.dataDir, "local.json"))).toBe(true);
    expect((await first.run("holds", "list")).stderr).toMatch(/is not running/);

    await using second = await ServerProcess.start(folder);
    const hold = await firstHold(second, runId);
    expect((await second.run("holds", "reject", hold, "--reason", "not now")).code).toBe(0);
    const watched = await second.run("runs", "watch", runId);
    expect(watched).toMatchObject({ code: 0, stdout: expect.stringContaining("not now") });
    expect((await second.run("holds", "wait", hold)).code).toBe(5);
    const stopped = await second.stop("SIGINT");
    expect(stopped).toMatchObject({ code: 0, stderr: expect.stringContaining("Stopped.") });
    expect(existsSync(join(folder.dataDir, "local.json"))).toBe(false);
  });
});

/** The id of the first hold of a run, as soon as there is one. */
async function firstHold(server: ServerProcess, runId: string): Promise<string> {
  const client = await server.client();
  for await (const event of client.runs.events(runId)) {
    if (event.type === "hold.created" && event.holdId !== null) return event.holdId;
  }
  throw new Error("The run ended without a hold.");
}

describe("a service that cannot start says why in one message, and ends with 1", () => {
  async function refused(
    changes: Record<string, string>,
    prepare?: (folder: Folder) => void,
  ): Promise<string> {
    using folder = new Folder();
    prepare?.(folder);
    const { code, stdout, stderr } = await runProcess(["start"], folder.environment(changes), folder.path);
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    expect(stderr).not.toMatch(/\n {4}at /); // no stack
    return stderr;
  }

  test("a taken port", async () => {
    const server = createServer();
    await new Promise<void>((resolve) => {
      server.listen(0, "127.0.0.1", resolve);
    });
    const { port } = server.address() as AddressInfo;
    expect(await refused({ PORT: String(port) })).toMatch(new RegExp(`Port ${port} is taken.*PORT=`));
    await new Promise((resolve) => {
      server.close(resolve);
    });
  });

  test("a file in the way of the data folder", async () => {
    const message = await refused({}, (folder) => writeFileSync(folder.dataDir, "in the way"));
    expect(message).toMatch(/as the data folder: a file is in its way\. Choose another folder/);
  });

  test("a setting that does not exist", async () => {
    expect(await refused({ HOLDPOINT_PUBLIC_ULR: "x" })).toMatch(/Did you mean HOLDPOINT_PUBLIC_URL/);
  });

  test("a config file that is missing, or does not load", async () => {
    expect(await refused({ HOLDPOINT_CONFIG: "nowhere.ts" })).toMatch(/no config file .*nowhere\.ts/);
    const broken = await refused({ HOLDPOINT_CONFIG: "broken.ts" }, (folder) =>
      writeFileSync(join(folder.path, "broken.ts"), "export default {\n  agents: [\n"),
    );
    expect(broken).toMatch(/broken\.ts cannot be loaded:[\s\S]*broken\.ts:\d/);
  });

  test("production without a secret", async () => {
    expect(await refused({ NODE_ENV: "production" })).toMatch(/HOLDPOINT_SECRET/);
  });

  test("a database that does not answer, without its password", async () => {
    const message = await refused({ DATABASE_URL: "postgres://me:hunter2@127.0.0.1:9/x" });
    expect(message).toMatch(/127\.0\.0\.1/);
    expect(message).not.toContain("hunter2");
  });
});
