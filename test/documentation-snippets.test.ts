// What the documentation shows must work. CONTRIBUTING.md, "Code in the documentation", says how a block
// is tagged; a tag that is not known here fails, so that a misspelt one cannot switch a check off.
import { execFile } from "node:child_process";
import { globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { delimiter, dirname, join, sep } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parseFencedBlocks, type FencedBlock } from "./fenced-block.ts";
import { root } from "./source-file.ts";

const run = promisify(execFile);

interface Page {
  readonly path: string;
  readonly blocks: readonly FencedBlock[];
}

const knownTags: Record<string, readonly string[]> = {
  ts: ["continues", "no-check"],
  tsx: ["continues", "no-check"],
  json: ["no-check"],
  sh: ["run"],
};

const folder = join(root, ".tmp", "snippets");
const pages: Page[] = globSync(["*.md", "docs/**/*.md"], { cwd: root, exclude: ["CHANGELOG.md"] })
  .map((path) => path.split(sep).join("/"))
  .sort()
  .map((path) => ({ path, blocks: parseFencedBlocks(readFileSync(join(root, path), "utf8")) }));

beforeAll(() => {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
});

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

describe("documentation snippets", () => {
  test("every block is tagged as CONTRIBUTING.md says", () => {
    expect(pages.flatMap((page) => page.blocks.flatMap((block) => tagErrors(page.path, block)))).toEqual([]);
  });

  test("TypeScript compiles", async () => {
    const modules = pages.flatMap(typeScriptModules);
    for (const { name, code } of modules) writeFileSync(join(folder, name), code);
    expect(modules.length === 0 ? "" : await compile()).toBe("");
  });

  test("JSON parses", () => {
    const errors = pages.flatMap((page) => checked(page, "json").flatMap((block) => jsonErrors(page, block)));
    expect(errors).toEqual([]);
  });

  const commands = pages.flatMap((page) =>
    page.blocks
      .filter((block) => block.language === "sh" && block.tags.includes("run"))
      .map((block) => ({ name: `${page.path}:${block.line}`, path: page.path, block })),
  );
  test.each(commands)("$name runs", async ({ path, block }) => {
    await runCommands(path, block);
  });
});

describe("the convention", () => {
  test.each([
    ["```ts no-check\nx\n```", "no-check needs a reason"],
    ["```ts nocheck\nx\n```", "unknown tag nocheck"],
    ["```json run\n{}\n```", "unknown tag run"],
    ["```sh\nholdpoint start\n```", undefined],
    ['```ts no-check reason="shows an error"\nx\n```', undefined],
  ])("%j", (markdown, expected) => {
    const errors = parseFencedBlocks(markdown).flatMap((block) => tagErrors("page.md", block));
    expect(errors).toEqual(expected === undefined ? [] : [`page.md:2 ${expected}`]);
  });

  test("blocks in lists and longer fences are found, with their lines", () => {
    const markdown = "1. First:\n\n   ```json\n   {\n     }\n   ```\n\n````md\n```ts\n```\n````\n";
    expect(parseFencedBlocks(markdown)).toEqual([
      { language: "json", tags: [], code: "{\n  }", line: 4 },
      { language: "md", tags: [], code: "```ts\n```", line: 9 },
    ]);
  });

  test("a continued block forms one module with the one before, each on its own lines", () => {
    const blocks = parseFencedBlocks("```ts\nconst a = 1;\n```\ntext\n```ts continues\na;\n```\n");
    const [module, ...others] = typeScriptModules({ path: "docs/a.md", blocks });
    expect(others).toEqual([]);
    expect(module).toEqual({ name: "docs_a.md.2.ts", code: "\nconst a = 1;\n\n\n\na;\nexport {};\n" });
  });
});

function tagErrors(path: string, block: FencedBlock): string[] {
  const at = `${path}:${block.line}`;
  const known = knownTags[block.language];
  if (known === undefined) return [];
  const reason = block.tags.find((tag) => tag.startsWith("reason="));
  const errors = block.tags
    .filter((tag) => tag !== reason && !known.includes(tag))
    .map((tag) => `${at} unknown tag ${tag}`);
  if (block.tags.includes("no-check") && (reason === undefined || reason === 'reason=""')) {
    errors.push(`${at} no-check needs a reason`);
  }
  return errors;
}

function checked(page: Page, ...languages: string[]): FencedBlock[] {
  return page.blocks.filter(
    (block) => languages.includes(block.language) && !block.tags.includes("no-check"),
  );
}

/** One module per block or chain of continued blocks, padded so that the lines are those of the page. */
function typeScriptModules(page: Page): { name: string; code: string }[] {
  const modules: { name: string; code: string }[] = [];
  for (const block of checked(page, "ts", "tsx")) {
    const previous = block.tags.includes("continues") ? modules.pop() : undefined;
    const before = previous?.code.replace(/export \{\};\n$/, "") ?? "";
    const padding = "\n".repeat(Math.max(0, block.line - 1 - (before.split("\n").length - 1)));
    modules.push({
      name: previous?.name ?? `${page.path.replaceAll("/", "_")}.${block.line}.${block.language}`,
      code: `${before}${padding}${block.code}\nexport {};\n`,
    });
  }
  return modules;
}

// Inside the repository, so that the packages of the workspace are found by name.
/** What runs in Node, and what runs in a browser: each with what is there, and nothing of the other. */
const PLACES = [
  { include: "*.ts", lib: undefined },
  { include: "*.tsx", lib: ["ES2024", "ESNext.Disposable", "DOM", "DOM.Iterable", "DOM.AsyncIterable"] },
] as const;

async function compile(): Promise<string> {
  writeFileSync(join(folder, "package.json"), JSON.stringify({ type: "module" }));
  mkdirSync(join(folder, "bundled"), { recursive: true });
  // What a bundler takes besides code.
  writeFileSync(join(folder, "bundled", "style.d.ts"), 'declare module "*.css";\n');
  const said = await Promise.all(PLACES.map(compileIn));
  return said.filter((words) => words !== "").join("\n");
}

async function compileIn({ include, lib }: (typeof PLACES)[number]): Promise<string> {
  if (globSync(include, { cwd: folder }).length === 0) return "";
  const project = join(folder, `tsconfig.${include.slice(2)}.json`);
  writeFileSync(
    project,
    JSON.stringify({
      extends: "../../tsconfig.json",
      include: [include, "bundled"],
      exclude: [],
      ...(lib !== undefined && { compilerOptions: { lib } }),
    }),
  );
  const compiler = join(root, "node_modules", "typescript", "bin", "tsc");
  try {
    await run(process.execPath, [compiler, "-p", project, "--pretty", "false"], { cwd: folder });
    return "";
  } catch (error) {
    const output = String(Object(error).stdout || error);
    // What is wrong in the sources themselves is for the types check to say.
    const lines = output.split("\n").filter((line) => !line.startsWith("../"));
    return lines.join("\n").trim();
  }
}

function jsonErrors(page: Page, block: FencedBlock): string[] {
  try {
    JSON.parse(block.code);
    return [];
  } catch (error) {
    return [`${page.path}:${block.line} ${String(error)}`];
  }
}

/** In a folder of its own: two pages may have a block at the same line. */
async function runCommands(path: string, block: FencedBlock): Promise<void> {
  const cwd = join(folder, `run-${path.replaceAll(/\W/g, "_")}-${block.line}`);
  mkdirSync(cwd, { recursive: true });
  const places = [dirname(process.execPath), join(root, "node_modules", ".bin"), process.env["PATH"]];
  const env = { ...process.env, PATH: places.join(delimiter), HOLDPOINT_DATA_DIR: join(cwd, ".holdpoint") };
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const child = execFile("bash", ["-euo", "pipefail"], { cwd, env, timeout: 50_000 }, (error, _, stderr) => {
    if (error === null) resolve();
    else reject(new Error(`${error.message}\n${stderr}`));
  });
  child.stdin?.end(`${block.code}\n`);
  await promise;
}
