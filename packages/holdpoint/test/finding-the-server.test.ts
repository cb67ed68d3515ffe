import { mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { findConnection } from "../src/cli/connection.ts";
import { readLocalServer, removeLocalServer, writeLocalServer } from "../src/cli/local-file.ts";
import { FakeWorld } from "./fake-world.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "holdpoint-cli-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

function world(env: Record<string, string> = {}): FakeWorld {
  return new FakeWorld({ env: { HOLDPOINT_DATA_DIR: folder, ...env }, cwd: folder });
}
const local = { url: "http://localhost:7777", key: "hpo_local", pid: process.pid };

describe("the server", () => {
  test("is found by the options, then the environment, then local.json", async () => {
    await writeLocalServer(folder, local);
    const env = { HOLDPOINT_URL: "https://env.example", HOLDPOINT_API_KEY: "hpo_env" };
    await expect(
      findConnection({ url: "https://flag.example", apiKey: "hpo_flag" }, world(env)),
    ).resolves.toEqual({
      url: "https://flag.example",
      apiKey: "hpo_flag",
    });
    await expect(findConnection({}, world(env))).resolves.toEqual({
      url: "https://env.example",
      apiKey: "hpo_env",
    });
    await expect(findConnection({}, world())).resolves.toEqual({ url: local.url, apiKey: "hpo_local" });
    await expect(findConnection({}, world({ HOLDPOINT_API_KEY: "hpo_env" }))).resolves.toEqual({
      url: local.url,
      apiKey: "hpo_env",
    });
  });

  test("the local key is never sent to another address", async () => {
    await writeLocalServer(folder, local);
    await expect(findConnection({ url: "https://elsewhere.example" }, world())).rejects.toThrow(
      /HOLDPOINT_API_KEY/,
    );
    await expect(findConnection({ url: "http://localhost:7777/" }, world())).resolves.toMatchObject({
      apiKey: "hpo_local",
    });
  });

  test("none, and one that is gone, say how to start one", async () => {
    await expect(findConnection({}, world())).rejects.toThrow(/npx holdpoint start/);
    await writeLocalServer(folder, { ...local, pid: 2 ** 22 + 1 });
    await expect(findConnection({}, world())).rejects.toThrow(/is not running/);
  });
});

describe("local.json", () => {
  test("is readable by its owner only, also over a file that was open to all", async () => {
    for (let time = 0; time < 2; time++) {
      await writeLocalServer(folder, local);
      expect((await stat(join(folder, "local.json"))).mode & 0o777).toBe(0o600);
    }
    await expect(readLocalServer(folder)).resolves.toEqual(local);
  });

  test("is taken away by its writer only", async () => {
    await writeLocalServer(folder, local);
    removeLocalServer(folder, 1);
    await expect(readLocalServer(folder)).resolves.toEqual(local);
    removeLocalServer(folder, process.pid);
    await expect(readLocalServer(folder)).resolves.toBeUndefined();
    removeLocalServer(folder, process.pid);
  });
});
