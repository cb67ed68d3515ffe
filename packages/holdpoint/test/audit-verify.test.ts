import { readFileSync, writeFileSync } from "node:fs";
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
  const changed = lines.with(4, lines[4]?.replace("für Käthe", "für Klaus") ?? "").join("\n");
  expect(await verify(changed)).toMatchObject({
    code: 1,
    stdout:
      "does not fit  line 5: Entry 3 does not fit. The data that comes with it is not the one that was recorded.\n",
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
  expect(await verify(lines.toSpliced(6, 1).join("\n"))).toMatchObject({
    stdout: "does not fit  line 7: Entry 6 stands where entry 5 belongs.\n",
  });
  expect((await verify(lines.slice(0, 8).join("\n"))).stdout).toMatch(
    /line 8: The file breaks off after entry/,
  );
  expect((await verify("")).stdout).toMatch(/line 0: The file is empty/);
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
