import type { HoldDetail } from "@holdpoint/protocol";
import { describe, expect, test } from "vitest";
import { command } from "./fake-world.ts";
import { decidedHold, exampleHold, HASH } from "./example-hold.ts";
import { HoldServer, problem } from "./hold-server.ts";

async function codeOf(argv: string[], server: HoldServer): Promise<number> {
  return (await command(argv, { env: server.env })).code;
}

describe("exit codes", () => {
  test.each<[HoldDetail["status"], number]>([
    ["approved", 0],
    ["modified", 0],
    ["answered", 0],
    ["rejected", 5],
    ["skipped", 5],
    ["expired", 6],
    ["cancelled", 4],
  ])("wait: %s is %i, so that `holds wait … && deploy` is safe", async (status, expected) => {
    await using server = await HoldServer.start(decidedHold(status));
    const { code, stdout } = await command(["holds", "wait", "hold_1"], { env: server.env });
    expect({ code, stdout }).toEqual({ code: expected, stdout: `${status}\n` });
  });

  test("defer: puts it off and takes it up again, and decides nothing", async () => {
    await using server = await HoldServer.start(exampleHold(), ({ path }) =>
      path.endsWith("/defer") ? { status: 200, body: exampleHold() } : undefined,
    );
    const deferred = await command(["holds", "defer", "hold_1"], { env: server.env });
    expect(deferred).toMatchObject({ code: 0, stdout: expect.stringContaining("put off") });
    expect(await codeOf(["holds", "defer", "hold_1", "--undo"], server)).toBe(0);
    expect(server.received.map(({ method, path }) => `${method} ${path}`)).toEqual([
      "POST /v1/holds/hold_1/defer",
      "DELETE /v1/holds/hold_1/defer",
    ]);
    await using late = await HoldServer.start(exampleHold(), () => problem(409, "already_decided"));
    expect(await codeOf(["holds", "defer", "hold_1"], late)).toBe(4);
  });

  test("wait: still pending when its time is over is 1", async () => {
    await using server = await HoldServer.start();
    expect(await codeOf(["holds", "wait", "hold_1", "--timeout", "0"], server)).toBe(1);
  });

  test.each([
    ["not found", problem(404, "not_found"), 3],
    ["lost race", problem(409, "already_decided"), 4],
    ["action changed", problem(409, "action_changed"), 4],
    ["too late", problem(410, "expired"), 6],
    [
      "arguments that do not fit",
      problem(422, "invalid_arguments", { errors: [{ path: "count", message: "must be > 0" }] }),
      2,
    ],
    ["not allowed", problem(403, "not_allowed"), 1],
    ["no valid key", problem(401, "unauthorized"), 1],
  ])("a decision: %s", async (_name, refusal, expected) => {
    await using server = await HoldServer.start(exampleHold(), ({ path }) =>
      path.endsWith("/decisions") ? refusal : undefined,
    );
    const { code, stderr, stdout } = await command(["holds", "approve", "hold_1", "--yes"], {
      env: server.env,
    });
    expect({ code, stdout }).toEqual({ code: expected, stdout: "" });
    expect(stderr).toContain((refusal.body as { detail: string }).detail);
  });

  test.each([
    [["nonsense"]],
    [["holds", "nonsense"]],
    [["holds", "show"]],
    [["holds", "list", "--status", "maybe"]],
    [["holds", "list", "--limit", "0"]],
    [["holds", "approve", "hold_1"]],
    [["holds", "modify", "hold_1", "--yes"]],
    [["holds", "modify", "hold_1", "--set", "count", "--yes"]],
    [["holds", "modify", "hold_1", "--set", "count=many", "--yes"]],
    [["holds", "modify", "hold_1", "--set", "count=1e3", "--yes"]],
    [["holds", "modify", "hold_1", "--set", "cuont=10", "--yes"]],
    [["holds", "modify", "hold_1", "--set", "count=50", "--yes"]],
    [["holds", "modify", "hold_1", "--set-json", "count={", "--yes"]],
    [["holds", "answer", "hold_1"]],
    [["audit", "show"]],
    [["audit", "show", "--run", "a", "--hold", "b"]],
    [["run", "agent"]],
    [["run", "agent", "text", "--interactive"]],
    [["start", "--port", "1"]],
    [["members", "add", "--email", "a@b.c", "--name", "A"]],
    [["holds", "list", "--url", "localhost:7777"]],
  ])("usage: %j is 2, and nothing is sent that changes anything", async (argv) => {
    await using server = await HoldServer.start();
    const { code, stdout, stderr } = await command(argv, { env: server.env });
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toMatch(/\w/);
    expect(server.received.filter(({ method }) => method !== "GET")).toEqual([]);
  });

  test.each([[["--help"]], [["holds", "--help"]], [["run", "-h"]], [["--version"]]])(
    "%j is 0",
    async (argv) => {
      const { code, stdout } = await command(argv);
      expect(code).toBe(0);
      expect(stdout).toMatch(/\w/);
    },
  );

  test("nobody there is 1, with the address and the cause", async () => {
    const { code, stderr } = await command(["holds", "list"], {
      env: { HOLDPOINT_URL: "http://127.0.0.1:9", HOLDPOINT_API_KEY: "hpo_x" },
    });
    expect(code).toBe(1);
    expect(stderr).toMatch(/Cannot reach http:\/\/127\.0\.0\.1:9/);
  });
});

describe("a decision", () => {
  test("is bound to the hash that was pinned, or not made at all", async () => {
    await using server = await HoldServer.start();
    const other = `sha256:${"b".repeat(64)}`;
    expect(await codeOf(["holds", "approve", "hold_1", "--hash", other], server)).toBe(4);
    expect(server.decisions).toEqual([]);
    expect(await codeOf(["holds", "approve", "hold_1", "--hash", HASH], server)).toBe(0);
    expect(server.decisions).toEqual([{ verdict: "approve", actionHash: HASH }]);
  });

  test("with changes sends exactly the arguments that were shown, numbers as numbers", async () => {
    await using server = await HoldServer.start();
    const { code, stderr } = await command(
      ["holds", "modify", "hold_1", "--set", "count=10", "--yes", "--comment", "ten will do"],
      { env: server.env },
    );
    expect(code).toBe(0);
    expect(stderr).toMatch(/count +50 -> 10/);
    expect(server.decisions).toEqual([
      {
        verdict: "modify",
        actionHash: HASH,
        arguments: { table_name: "users", count: 10 },
        comment: "ten will do",
      },
    ]);
  });

  test("reject and skip carry the reason, cancel its own", async () => {
    await using server = await HoldServer.start();
    await codeOf(["holds", "reject", "hold_1", "--reason", "not these"], server);
    await codeOf(["holds", "skip", "hold_1"], server);
    await codeOf(["holds", "answer", "hold_1", "--executed", "failed", "--result", '{"a":1}'], server);
    await codeOf(["holds", "cancel", "hold_1", "--reason", "moot"], server);
    expect(server.decisions).toEqual([
      { verdict: "reject", comment: "not these" },
      { verdict: "skip" },
      { verdict: "answer", answer: { executed: "failed", result: { a: 1 } } },
    ]);
    expect(server.received.at(-1)).toMatchObject({
      path: "/v1/holds/hold_1/cancel",
      body: { reason: "moot" },
    });
    expect(server.received.every(({ headers }) => headers["x-holdpoint-via"] === "cli")).toBe(true);
  });
});

describe("--json", () => {
  test.each([
    [["holds", "list", "--json"]],
    [["holds", "show", "hold_1", "--json"]],
    [["holds", "approve", "hold_1", "--yes", "--json"]],
    [["holds", "reject", "hold_1", "--json"]],
  ])("%j writes one document to stdout", async (argv) => {
    await using server = await HoldServer.start();
    const { stdout } = await command(argv, { env: server.env });
    expect(JSON.parse(stdout)).toBeTypeOf("object");
    expect(stdout.trimEnd()).not.toContain("\n");
  });

  test("an error is a document on stderr, and nothing on stdout", async () => {
    await using server = await HoldServer.start();
    const { code, stdout, stderr } = await command(["holds", "show", "hold_2", "--json"], {
      env: server.env,
    });
    expect({ code, stdout }).toEqual({ code: 3, stdout: "" });
    expect(JSON.parse(stderr)).toMatchObject({ code: "not_found", status: 404 });
  });
});
