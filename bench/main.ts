// npm run bench: measures rows of the design's performance table, prints them and keeps them in results/.
import { mkdirSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { FULL_PLAN, QUICK_PLAN } from "./plan.ts";
import { readMachine } from "./report/machine.ts";
import { renderReport } from "./report/render-report.ts";
import type { Result } from "./report/result.ts";
import { measureCycle } from "./rows/cycle.ts";
import { measureEmbeddedCycle } from "./rows/embedded-cycle.ts";

const USAGE = `npm run bench -- [options]
  --quick             cells of one second: shows that it works
  --only P1|P7        one row
  --out <folder>      where the results go (default: bench/results)
  --profile <folder>  writes a CPU profile of Holdpoint's process there, for Chrome's or VS Code's viewer`;

// Postgres is ended and its folder removed when this process exits, not when it is killed.
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => process.exit(130));

const options = readOptions();
if (options === undefined) {
  console.log(USAGE);
  process.exitCode = 2;
} else {
  await run(options);
}

interface Options {
  isQuick: boolean;
  only: string | undefined;
  out: string;
  profile: string | undefined;
}

function readOptions(): Options | undefined {
  try {
    const { values } = parseArgs({
      options: {
        quick: { type: "boolean", default: false },
        only: { type: "string" },
        out: { type: "string", default: fileURLToPath(new URL("results", import.meta.url)) },
        profile: { type: "string" },
      },
    });
    if (values.only !== undefined && !["P1", "P7"].includes(values.only)) return undefined;
    return { isQuick: values.quick, only: values.only, out: values.out, profile: values.profile };
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    return undefined;
  }
}

async function run({ isQuick, only, out, profile }: Options): Promise<void> {
  const plan = isQuick ? QUICK_PLAN : FULL_PLAN;
  const log = (line: string): void => console.error(line);
  const productNodeOptions =
    profile === undefined ? [] : ["--cpu-prof", `--cpu-prof-dir=${resolve(profile)}`];
  const measuring = { plan, log, productNodeOptions };
  const result: Result = { startedAt: new Date().toISOString(), plan, machine: readMachine() };
  if (only !== "P7") result.cycle = await measureCycle(measuring);
  if (only !== "P1") result.embeddedCycle = await measureEmbeddedCycle(measuring);
  const report = renderReport(result);
  mkdirSync(out, { recursive: true });
  writeFileSync(
    join(out, `${result.startedAt.slice(0, 10)}.json`),
    `${JSON.stringify(result, undefined, 2)}\n`,
  );
  writeFileSync(join(out, "latest.md"), report);
  console.log(report);
}
