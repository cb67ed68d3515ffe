import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { parseFencedBlocks } from "../../../test/fenced-block.ts";
import { root } from "../../../test/source-file.ts";
import { FIRST_CONFIG } from "../src/cli/init/first-config.ts";
import { readSettings } from "../src/settings.ts";
import { command } from "./fake-world.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "holdpoint-init-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

const init = (...options: string[]) => command(["init", ...options], { cwd: folder });
const read = (name: string) => readFileSync(join(folder, name), "utf8");

test("an empty folder gets three files, and the commands that come next", async () => {
  const { code, stdout, stderr } = await init();
  expect(code).toBe(0);
  expect(stdout).toBe("wrote holdpoint.config.ts\nwrote package.json\nwrote .gitignore\n");
  expect(stderr).toBe("\nNext:\n  npm install\n  npx holdpoint start\n");
  expect(readdirSync(folder).toSorted()).toEqual([".gitignore", "holdpoint.config.ts", "package.json"]);
  expect(read("holdpoint.config.ts")).toBe(FIRST_CONFIG);
  const server = JSON.parse(readFileSync(join(root, "packages/server/package.json"), "utf8"));
  expect(JSON.parse(read("package.json"))).toMatchObject({
    type: "module",
    dependencies: { holdpoint: `^${server.version}`, zod: `^${server.dependencies.zod}` },
  });
});

test("a folder that nothing can be written to is said, and is no defect", async () => {
  const gone = join(folder, "gone");
  const { code, stderr } = await command(["init"], { cwd: gone });
  expect([code, stderr]).toEqual([
    1,
    expect.stringContaining(`holdpoint: Cannot write ${join(gone, "holdpoint.config.ts")}: ENOENT`),
  ]);
});

test("nothing of the user's is touched, and it is said what is missing", async () => {
  const own = '{"name":"shop","type":"module","dependencies":{"holdpoint":"1"}}';
  writeFileSync(join(folder, "package.json"), own);
  writeFileSync(join(folder, ".gitignore"), "dist");
  writeFileSync(join(folder, "holdpoint.config.mjs"), "export default 1;");
  const { code, stdout, stderr } = await init();
  expect([code, stdout]).toEqual([0, ""]);
  expect(stderr).toContain("holdpoint.config.mjs is there already; it stays as it is.");
  expect(stderr).toContain("Add .holdpoint/ to .gitignore");
  expect(stderr).toContain("Next:\n  npm install zod\n  npx holdpoint start\n");
  expect(read("package.json")).toBe(own);
  expect(read(".gitignore")).toBe("dist");
  expect(readdirSync(folder)).toHaveLength(3);
});

test("a second time it writes nothing", async () => {
  await init();
  const { stdout } = await init("--json");
  expect(JSON.parse(stdout)).toEqual({
    written: [],
    kept: ["holdpoint.config.ts", "package.json", ".gitignore"],
    notes: [],
    next: ["npx holdpoint start"],
  });
});

test("where package.json says commonjs the config is an .mts, which start finds", async () => {
  writeFileSync(join(folder, "package.json"), '{"type":"commonjs"}');
  const { stdout } = await init();
  expect(stdout).toContain("wrote holdpoint.config.mts");
  expect(readSettings({}, folder).configPath).toBe(join(folder, "holdpoint.config.mts"));
});

test("a link that leads nowhere is not followed", async () => {
  mkdirSync(join(folder, "elsewhere"));
  symlinkSync(join(folder, "elsewhere", "package.json"), join(folder, "package.json"));
  const { code } = await init();
  expect(code).toBe(0);
  expect(readdirSync(join(folder, "elsewhere"))).toEqual([]);
});

test("the agent is that of the tutorial", () => {
  const page = readFileSync(join(root, "docs/tutorial/first-gated-agent.md"), "utf8");
  const shown = parseFencedBlocks(page).find(({ language }) => language === "ts");
  expect(`${shown?.code}\n`).toBe(FIRST_CONFIG);
});
