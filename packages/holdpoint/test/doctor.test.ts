import { writeFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { command } from "./fake-world.ts";
import { Folder } from "./server-process.ts";

interface Finding {
  name: string;
  state: string;
  text: string;
  remedy?: string;
}

async function examine(changes: Record<string, string>, prepare?: (folder: Folder) => void) {
  using folder = new Folder();
  prepare?.(folder);
  const { code, stdout } = await command(["doctor", "--json"], {
    env: folder.environment(changes),
    cwd: folder.path,
  });
  const { findings } = JSON.parse(stdout) as { findings: Finding[] };
  return { code, find: (name: string) => findings.find((finding) => finding.name === name), findings };
}

describe("doctor", () => {
  test("finds nothing to fail in a fresh folder, and says what stands in for a model", async () => {
    const { code, find, findings } = await examine({});
    expect(code).toBe(0);
    expect(find("Node")).toMatchObject({ state: "ok", text: expect.stringContaining(process.versions.node) });
    expect(find("npm")?.text).toMatch(/ignore-scripts/);
    expect(find("Config")?.text).toMatch(/data_manager/);
    expect(find("Model")).toMatchObject({ state: "warn", remedy: expect.stringContaining("OPENAI_API_KEY") });
    for (const finding of findings) expect(finding.state === "ok").toBe(finding.remedy === undefined);
  });

  test.each([
    ["Settings", { HOLDPOINT_DATADIR: "x" }, /Did you mean HOLDPOINT_DATA_DIR/],
    ["Settings", { NODE_ENV: "production" }, /HOLDPOINT_SECRET/],
    ["Secret", { NODE_ENV: "production", HOLDPOINT_SECRET: "short" }, /shorter than 32/],
    ["Database", { DATABASE_URL: "postgres://me:hunter2@127.0.0.1:9/x" }, /127\.0\.0\.1/],
    ["Config", { HOLDPOINT_CONFIG: "nowhere.ts" }, /no config file/],
  ] as const)("%s fails with %j", async (name, changes, text) => {
    const { code, find, findings } = await examine(changes);
    expect(code).toBe(1);
    expect(find(name)).toMatchObject({
      state: "fail",
      text: expect.stringMatching(text),
      remedy: expect.any(String),
    });
    expect(JSON.stringify(findings)).not.toContain("hunter2");
  });

  test("a file in the way of the data folder fails", async () => {
    const { code, find } = await examine({}, (folder) => writeFileSync(folder.dataDir, ""));
    expect(code).toBe(1);
    expect(find("Data folder")).toMatchObject({ state: "fail" });
  });

  test("an open port without an address, and without TLS, warns", async () => {
    expect((await examine({ HOST: "0.0.0.0" })).find("Bind")).toMatchObject({ state: "warn" });
    expect(
      (await examine({ HOST: "0.0.0.0", HOLDPOINT_PUBLIC_URL: "http://x.example" })).find("Bind"),
    ).toMatchObject({
      state: "warn",
      text: expect.stringContaining("without TLS"),
    });
  });
});
