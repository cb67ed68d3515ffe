// npm run verify: every check of the repository in order, each with its time.
//   --fast      the static checks and the two tests that read the repository itself; no other test
//   --no-tests  the static checks alone
//   --json F    writes [{name, passed, seconds}] to file F
import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { parseArgs } from "node:util";
import { root } from "./installation.mjs";
import { nodeEnvironment, prepare } from "./launch.mjs";

const { values: options } = parseArgs({
  options: { fast: { type: "boolean" }, "no-tests": { type: "boolean" }, json: { type: "string" } },
});

const staticChecks = [
  { name: "format", program: "oxfmt/bin/oxfmt", args: ["--check"] },
  { name: "lint", program: "oxlint/bin/oxlint", args: [] },
  { name: "types", program: "typescript/bin/tsc", args: ["-p", "tsconfig.json"] },
  { name: "types of the site", program: "typescript/bin/tsc", args: ["-p", "apps/docs/tsconfig.json"] },
  {
    name: "types of the components",
    program: "typescript/bin/tsc",
    args: ["-p", "packages/react/tsconfig.json"],
  },
  { name: "types of the console", program: "typescript/bin/tsc", args: ["-p", "apps/inbox/tsconfig.json"] },
  { name: "unused code", program: "knip/bin/knip.js", args: ["--no-config-hints", "--no-progress"] },
];

// Two checks are tests, so that they run with every `npm test`; here each has its own line.
const repositoryTests = [
  { name: "import directions", file: "test/import-directions.test.ts" },
  { name: "documentation snippets", file: "test/documentation-snippets.test.ts" },
];

const node = prepare();
if (node !== undefined) {
  const results = staticChecks.map((check) => runStaticCheck(check));
  if (!options["no-tests"]) results.push(...runTests());
  if (options.json !== undefined) writeJson(options.json, results);
  const failed = results.filter((result) => !result.passed);
  console.log(
    failed.length === 0
      ? "verify: all passed"
      : `verify: failed: ${failed.map((result) => result.name).join(", ")}`,
  );
  process.exitCode = failed.length === 0 ? 0 : 1;
}

function runStaticCheck({ name, program, args }) {
  const started = performance.now();
  const child = spawnSync(node, [join(root, "node_modules", program), ...args], {
    cwd: root,
    env: nodeEnvironment(node),
    encoding: "utf8",
    maxBuffer: 64 * 1024 * 1024,
  });
  const result = { name, passed: child.status === 0, seconds: secondsSince(started) };
  report(result);
  if (!result.passed) process.stdout.write(`${child.stdout}${child.stderr}${child.error?.message ?? ""}\n`);
  return result;
}

function runTests() {
  const output = join(root, ".tmp", "verify-tests.json");
  rmSync(output, { force: true });
  const started = performance.now();
  const child = spawnSync(
    node,
    [
      join(root, "node_modules", "vitest", "vitest.mjs"),
      "run",
      ...(options.fast ? repositoryTests.map((test) => test.file) : []),
      "--reporter=default",
      "--reporter=json",
      `--outputFile.json=${output}`,
    ],
    { cwd: root, env: nodeEnvironment(node, { NODE_ENV: "test" }), stdio: "inherit" },
  );
  const seconds = secondsSince(started);
  const files = testFiles(output);
  const results = repositoryTests.map(({ name, file }) => {
    const entry = files.find((candidate) => candidate.name.replaceAll("\\", "/").endsWith(file));
    return {
      name,
      passed: entry?.status === "passed",
      seconds: entry === undefined ? 0 : (entry.endTime - entry.startTime) / 1000,
    };
  });
  if (!options.fast) results.push({ name: "tests", passed: child.status === 0, seconds });
  for (const result of results) report(result);
  return results;
}

function testFiles(path) {
  try {
    return JSON.parse(readFileSync(path, "utf8")).testResults;
  } catch {
    // Vitest ended before it could report; its own message is above and every test counts as failed.
    return [];
  }
}

function report({ name, passed, seconds }) {
  console.log(`${name.padEnd(24)}${passed ? "passed" : "FAILED"}${seconds.toFixed(1).padStart(8)} s`);
}

function secondsSince(started) {
  return (performance.now() - started) / 1000;
}

function writeJson(path, results) {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, `${JSON.stringify(results, null, 2)}\n`);
}
