// What somebody gets who installs the packages: packed as for npm, installed in an empty folder outside the repository.
import { execFile } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { parseFencedBlocks } from "./fenced-block.ts";
import { root } from "./source-file.ts";

const execute = promisify(execFile);
const folder = mkdtempSync(join(tmpdir(), "holdpoint-installed-"));
const tarballs = mkdtempSync(join(tmpdir(), "holdpoint-tarballs-"));

/** Two processes of a compiler or of a database, on a machine that has other work. */
const PATIENCE_MS = 200_000;

interface Journey {
  steps: Record<string, number>;
  seconds: number;
  written: string[];
}
let packed: { name: string; bytes: number }[];
let journey: Journey;

// Packing compiles seven packages and installing writes two hundred: two minutes when the machine has other work.
beforeAll(async () => {
  packed = lines(await script("pack.mjs", "--out", tarballs));
  [journey] = lines(await script("first-held-call.mjs", "--tarballs", tarballs, "--keep", folder)) as [
    Journey,
  ];
}, 2 * PATIENCE_MS);
afterAll(() => {
  for (const path of [folder, tarballs]) rmSync(path, { recursive: true, force: true });
});

async function script(name: string, ...args: string[]): Promise<string> {
  const { stdout } = await execute(process.execPath, [join(root, "scripts", name), ...args], { cwd: folder });
  return stdout;
}

function lines<Line>(text: string): Line[] {
  const said = text.split("\n").filter((line) => line !== "");
  return said.map((line) => JSON.parse(line) as Line);
}

test("every package of packages/ is packed, clean by publint, without sources and tests", () => {
  const folders = readdirSync(join(root, "packages")).map((name) =>
    name === "holdpoint" ? name : `@holdpoint/${name}`,
  );
  expect(packed.map(({ name }) => name).toSorted()).toEqual(folders.toSorted());
  const installed = folders.flatMap((name) =>
    readdirSync(join(folder, "node_modules", name), { recursive: true, encoding: "utf8" }).map(
      (path) => `${name}/${path}`,
    ),
  );
  expect(installed.filter((path) => /\.tsx?$/.test(path) && !path.endsWith(".d.ts"))).toEqual([]);
  expect(installed.filter((path) => /\.test\.|\/global-setup\.|tsconfig/.test(path))).toEqual([]);
});

test("P15: from an empty folder to the first held call decided and executed", () => {
  // The seconds are printed, for the machine they were measured on; `npm run bench` holds them against the goal.
  const steps = Object.entries(journey.steps).map(([name, seconds]) => `${name} ${seconds.toFixed(1)} s`);
  console.log(`P15: ${journey.seconds.toFixed(1)} s (${steps.join(", ")})`);
  expect(Object.keys(journey.steps)).toEqual(["install", "init", "start", "decided"]);
  expect(journey.written).toEqual(["holdpoint.config.ts", ".gitignore"]);
});

test(
  "every export is there for Node, and for the compiler without skipping its checks of ours",
  async () => {
    const names = packed.flatMap(({ name }) => {
      const path = join(folder, "node_modules", name, "package.json");
      const { exports } = JSON.parse(readFileSync(path, "utf8")) as { exports: Record<string, unknown> };
      const code = Object.keys(exports).filter((key) => !/\.(json|css)$/.test(key));
      return code.map((key) => `${name}${key.slice(1)}`);
    });
    expect(names).toContain("@holdpoint/react/words");
    const imports = names.map((name, index) => `import * as m${index} from ${JSON.stringify(name)};`);
    const used = names.map((_, index) => `m${index}`).join(", ");
    writeFileSync(join(folder, "all.mts"), `${imports.join("\n")}\nconsole.log([${used}].length);\n`);
    const { stdout } = await execute(process.execPath, ["all.mts"], { cwd: folder });
    expect(stdout).toBe(`${names.length}\n`);
    // A type that was lost would be any, and would let this pass.
    writeFileSync(
      join(folder, "wrong.mts"),
      'import { Holdpoint } from "@holdpoint/client";\nexport const wrong = new Holdpoint({ url: 5 });\n',
    );
    const complaints = await check("all.mts", "wrong.mts", "holdpoint.config.ts");
    // Declarations of others name what only a browser's library declares.
    const ofOurs = complaints.filter((line) => !/^node_modules\/(?!@?holdpoint\/)/.test(line));
    expect(ofOurs).toEqual([expect.stringContaining("wrong.mts(2,")]);
  },
  PATIENCE_MS,
);

test(
  "the how-to of @holdpoint/testing works from the installed packages",
  async () => {
    const page = readFileSync(join(root, "docs/how-to/test-your-agent.md"), "utf8");
    const code = parseFencedBlocks(page).flatMap(({ language, code }) => (language === "ts" ? [code] : []));
    writeFileSync(join(folder, "how-to.mts"), `${code.join("\n")}\nconsole.log(status);\n`);
    const { stdout } = await execute(process.execPath, ["how-to.mts"], { cwd: folder });
    expect(stdout).toBe("completed\n");
  },
  PATIENCE_MS,
);

/** What the compiler has to say, a line each; what is said of it in more lines belongs to the first. */
async function check(...files: string[]): Promise<string[]> {
  const compilerOptions = {
    target: "ES2024",
    lib: ["ES2024", "ESNext.Disposable"],
    module: "NodeNext",
    types: ["node"],
    strict: true,
    noEmit: true,
    skipLibCheck: false,
  };
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions, files }));
  const compiler = join(root, "node_modules", "typescript", "bin", "tsc");
  try {
    await execute(process.execPath, [compiler, "-p", folder, "--pretty", "false"], { cwd: folder });
    return [];
  } catch (error) {
    const said = String(Object(error).stdout || error).split("\n");
    return said.filter((line) => line !== "" && !line.startsWith(" "));
  }
}
