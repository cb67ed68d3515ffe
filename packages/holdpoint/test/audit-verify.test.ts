import { readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { command } from "./fake-world.ts";
import { Folder, runProcess, ServerProcess } from "./server-process.ts";

/** An exported log is verified by itself: the server that it came from is stopped first. */
let folder: Folder;
let exported: string;
let online: { code: number; stdout: string };
let part: string;
let key: string;

beforeAll(async () => {
  folder = new Folder();
  const server = await ServerProcess.start(folder);
  const client = await server.client();
  const holds: string[] = [];
  for (let order = 0; order < 5; order++) {
    const hold = await client.holds.create({
      action: { name: "refund", arguments: { order, note: "für Käthe" } },
    });
    if (!("id" in hold)) throw new Error("It was not held.");
    holds.push(hold.id);
    await server.run("holds", "reject", hold.id, "--reason", "no");
  }
  await vi.waitFor(
    async () => {
      const { size } = await client.request<{ size: number }>("GET", "/v1/audit/checkpoint");
      if (size !== 10) throw new Error(`${size} entries are signed`);
    },
    { timeout: 20_000, interval: 50 },
  );
  exported = (await server.run("audit", "export", "--format", "log")).stdout;
  part = (await server.run("audit", "export", "--format", "log", "--hold", holds[2] ?? "")).stdout;
  ({ key } = await client.request<{ key: string }>("GET", "/v1/audit/checkpoint"));
  online = await server.run("audit", "verify");
  await server.stop();
});
afterAll(() => folder[Symbol.dispose]());

const file = (text: string, name = "log.jsonl"): string => {
  const path = join(folder.path, name);
  writeFileSync(path, text);
  return path;
};
const verify = (text: string, ...options: string[]) => command(["audit", "verify", file(text), ...options]);

test("the log of a running server", () => {
  expect(online).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/^fits {2}10 entries of holdpoint\/org_/),
  });
});

test("an export alone, offline; the key that it names is told, a key that is given must have signed", async () => {
  const alone = await verify(exported);
  expect(alone).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/^fits {2}10 entries of holdpoint\/org_/),
  });
  expect(alone.stderr).toContain(key);
  const pinned = await verify(exported, "--key", key);
  expect(pinned).toMatchObject({ code: 0 });
  expect(pinned.stderr).not.toContain(key);
  const other = "holdpoint/x+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k";
  expect(await verify(exported, "--key", other)).toMatchObject({ code: 2 });
  const right = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k";
  expect(await verify(exported, "--key", right)).toMatchObject({
    code: 1,
    stdout: expect.stringMatching(/^does not fit {2}line 1: .*none of the known keys/),
  });
});

test("a part of the log, entry by entry", async () => {
  expect(await verify(part)).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/^fits {2}2 of 10 entries/),
    stderr: expect.stringContaining("not that there are no others"),
  });
});

test("as its own process, as JSON", async () => {
  const { code, stdout } = await runProcess(
    ["audit", "verify", file(exported), "--json"],
    folder.environment(),
  );
  expect({ code, ...JSON.parse(stdout) }).toMatchObject({
    code: 0,
    ok: true,
    entries: 10,
    size: 10,
    findings: [],
  });
});

test("what was changed is named: the line, and the entry", async () => {
  const lines = exported.split("\n");
  // Older checkpoints stand between entries, as many as a machine of this speed came to.
  const at = (entry: number): number => lines.findIndex((line) => line.startsWith(`{"index":${entry},`));
  const changed = lines.with(at(3), lines[at(3)]?.replace("für Käthe", "für Klaus") ?? "").join("\n");
  expect(await verify(changed)).toMatchObject({
    code: 1,
    stdout: `does not fit  line ${at(3) + 1}: Entry 3 does not fit. The data that comes with it is not the one that was recorded.\n`,
  });
  const decided = lines.findIndex((line) => line.includes('"decision":"rejected"'));
  const turned = lines.with(
    decided,
    lines[decided]?.replace('"decision":"rejected"', '"decision":"approved"') ?? "",
  );
  const { code, stdout } = await verify(turned.join("\n"), "--json");
  expect({ code, ...JSON.parse(stdout) }).toMatchObject({
    code: 1,
    ok: false,
    fault: "wrong_entry",
    line: decided + 1,
  });
  expect(await verify(lines.toSpliced(at(5), 1).join("\n"))).toMatchObject({
    stdout: expect.stringMatching(
      new RegExp(`line ${at(5) + 1}: (Entry 6 stands where entry 5 belongs|A checkpoint of 6 entries)`),
    ),
  });
  expect((await verify(lines.slice(0, 8).join("\n"))).stdout).toMatch(
    /line 8: The file breaks off after entry/,
  );
  expect((await verify("")).stdout).toMatch(/line 0: The file is empty/);
  expect((await verify(exported.slice(0, exported.indexOf("\n") + 40))).stdout).toMatch(
    /line 2: The file breaks off within this line/,
  );
});

test("what cannot be read is told as that, and what is no log as that, however long", async () => {
  const folderAsFile = await command(["audit", "verify", folder.path]);
  expect(folderAsFile).toMatchObject({ code: 1, stdout: "" });
  expect(folderAsFile.stderr).toMatch(/^holdpoint: .* cannot be read: EISDIR/);
  const missing = await command(["audit", "verify", join(folder.path, "missing"), "--json"]);
  expect(missing).toMatchObject({ code: 1, stderr: expect.stringMatching(/cannot be read: ENOENT/) });
  // No line end in more than any line has: neither read to its end nor held in memory.
  const endless = join(folder.path, "endless");
  writeFileSync(endless, exported.slice(0, exported.indexOf("\n") + 1));
  truncateSync(endless, 3_000_000_000);
  expect(await command(["audit", "verify", endless])).toMatchObject({
    code: 1,
    stdout: "does not fit  line 2: It is longer than 64 MB, which no line of an exported log is.\n",
  });
  rmSync(endless);
});

test("of a server that has signed nothing, or does not look at itself for everybody, what is known is told", async () => {
  const answers: Record<string, [number, unknown]> = {};
  const server = createServer((request, response) => {
    const [status, body] = answers[request.url?.split("?")[0] ?? ""] ?? [404, {}];
    response.writeHead(status, { "content-type": "application/json" });
    response.end(typeof body === "string" ? body : JSON.stringify(body));
  });
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  const { port } = server.address() as AddressInfo;
  const env = { HOLDPOINT_URL: `http://127.0.0.1:${port}`, HOLDPOINT_API_KEY: "hpo_x" };
  const online = (...options: string[]) => command(["audit", "verify", ...options], { env });
  const problem = (status: number, code: string): [number, unknown] => [
    status,
    { type: "about:blank", title: code, status, code, detail: code },
  ];
  try {
    answers["/v1/audit"] = problem(404, "not_found");
    answers["/v1/audit/check"] = [200, { entries: 0, findings: [] }];
    expect(await online()).toMatchObject({ code: 3, stdout: "" });
    const findings = [{ kind: "unplaced", message: "evt_1 is not in the log" }];
    answers["/v1/audit/check"] = [200, { entries: 0, findings }];
    expect(await online()).toMatchObject({ code: 1, stdout: "does not fit  evt_1 is not in the log\n" });
    expect(JSON.parse((await online("--json")).stdout)).toEqual({ ok: false, findings });
    answers["/v1/audit"] = [200, exported];
    answers["/v1/audit/check"] = problem(403, "not_allowed");
    expect(await online()).toMatchObject({
      code: 1,
      stdout: expect.stringMatching(/^fits {2}10 entries/),
      stderr: expect.stringContaining("not_allowed"),
    });
  } finally {
    server.close();
    server.closeAllConnections();
  }
});

test("keys before the file, and several of them", async () => {
  const other = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k";
  const path = file(exported);
  expect(await command(["audit", "verify", "--key", other, "--key", key, path])).toMatchObject({ code: 0 });
});

test("of a file with the checkpoints of many organisations, those of this log are compared", async () => {
  const kept = readFileSync(join(folder.dataDir, "checkpoints.jsonl"), "utf8").trim().split("\n");
  const others = Array.from({ length: 5_000 }, (_, n) => {
    const orgId = `org_${n}`;
    const line = JSON.parse(kept[0] ?? "") as { orgId: string; checkpoint: string };
    return JSON.stringify({ ...line, orgId, checkpoint: line.checkpoint.replaceAll(line.orgId, orgId) });
  });
  const mixed = [...kept, ...others].join("\n");
  expect(await verify(exported, "--checkpoint", file(mixed, "mixed.jsonl"))).toMatchObject({
    code: 0,
    stdout: expect.stringContaining(`${kept.length} checkpoints kept elsewhere fit`),
  });
});

test("checkpoints kept elsewhere: the file of the service, and a single one", async () => {
  const kept = readFileSync(join(folder.dataDir, "checkpoints.jsonl"), "utf8");
  const all = file(kept, "kept.jsonl");
  expect(await verify(exported, "--checkpoint", all)).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/\d+ checkpoints kept elsewhere fit/),
  });
  const { checkpoint } = JSON.parse(kept.trim().split("\n").at(-1) ?? "") as { checkpoint: string };
  expect(await verify(exported, "--checkpoint", file(checkpoint, "one.txt"))).toMatchObject({ code: 0 });
  expect(await verify(exported, "--checkpoint", file("nonsense", "none.txt"))).toMatchObject({ code: 2 });
  expect(await verify(exported, "--checkpoint", join(folder.path, "missing"))).toMatchObject({ code: 1 });
});

test("a progress bar on a terminal, and none elsewhere", async () => {
  const talk: string[] = [];
  await command(["audit", "verify", file(exported)], { isTerminal: true, onTalk: (text) => talk.push(text) });
  expect(talk.join("")).toMatch(/[█░]{24} \d+% {2}\d+ entries/);
  expect((await verify(exported)).stderr).not.toMatch(/[█░]/);
});
