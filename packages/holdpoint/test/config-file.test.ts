import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { loadConfig } from "../src/config-file.ts";

const index = pathToFileURL(join(import.meta.dirname, "../src/index.ts")).href;
let folder: string;
beforeEach(async () => {
  // Inside the repository, so that packages are found as in an app.
  await mkdir(join(import.meta.dirname, "../../../.tmp"), { recursive: true });
  folder = await mkdtemp(join(import.meta.dirname, "../../../.tmp/config-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

let count = 0;

/** Each file has a name of its own: Node loads a module of one name once. */
async function messageOf(code: string, ending = "ts"): Promise<string> {
  const path = join(folder, `config-${++count}.${ending}`);
  await writeFile(path, code);
  try {
    await loadConfig(path);
  } catch (error) {
    return (error as Error).message.replaceAll(folder, "");
  }
  throw new Error("The config was taken.");
}

describe("a config file", () => {
  test("is TypeScript, loaded as it is", async () => {
    const path = join(folder, "holdpoint.config.ts");
    await writeFile(
      path,
      `import { defineConfig } from "${index}";
       const agents: readonly never[] = [];
       export default defineConfig({ agents }) satisfies object;`,
    );
    await expect(loadConfig(path)).resolves.toMatchObject({ agents: [] });
  });

  test("that is missing is named, and so is the setting", async () => {
    await expect(loadConfig(join(folder, "nothing.ts"))).rejects.toThrow(
      /no config file .*nothing\.ts.*HOLDPOINT_CONFIG/s,
    );
    await expect(loadConfig(folder)).rejects.toThrow(/is not a file/);
  });

  test("with a syntax error says where", async () => {
    expect(await messageOf("export default {\n  agents: [,,\n};\n")).toMatch(
      /config-\d+\.ts cannot be loaded: .*(Expect|Expression|Unexpected)[\s\S]*:\d/,
    );
    expect(await messageOf("export default {\n  agents: [,,\n};\n", "js")).toMatch(
      /Unexpected token[\s\S]*config-\d+\.js:\d/,
    );
  });

  test("with syntax that Node cannot strip says so", async () => {
    expect(await messageOf("enum Colour { Red }\nexport default Colour;\n")).toMatch(/enum is not supported/);
  });

  test("that throws says what and where", async () => {
    expect(await messageOf('const x = 1;\nthrow new TypeError("no table");\n')).toMatch(
      /it throws TypeError: no table\n {2}at \/config-\d+\.ts:2/,
    );
    expect(await messageOf('throw "words";\n')).toMatch(/it throws words/);
  });

  test("that imports what is not there says what is missing", async () => {
    expect(await messageOf('import "./tools.ts";\nexport default 1;\n')).toMatch(
      /Cannot find module .*tools\.ts/,
    );
    expect(await messageOf('import "not-installed-here";\nexport default 1;\n')).toMatch(
      /not-installed-here[\s\S]*installed/,
    );
  });

  test("without a default export says what it should end with", async () => {
    expect(await messageOf("export const agents = [];\n")).toMatch(
      /no default export.*export default defineConfig/s,
    );
  });

  test("with an unknown option names the nearest one", async () => {
    expect(await messageOf("export default { agents: [], orgnisation: {} };\n")).toMatch(
      /unknown option "orgnisation".*organisation/,
    );
    expect(
      await messageOf(
        `import { defineAgent, defineConfig } from "${index}";\nexport default defineConfig({ agents: [\n  defineAgent({ id: "a", nmae: "A" }),\n] });\n`,
      ),
    ).toMatch(/unknown option "nmae".*name[\s\S]*config-\d+\.ts:3/);
  });
});
