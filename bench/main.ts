// npm run bench: measures rows of the design's performance table, prints them and keeps them in results/.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { FULL_PLAN, QUICK_PLAN } from "./plan.ts";
import { readMachine } from "./report/machine.ts";
import { renderReport } from "./report/render-report.ts";
import { renderGoals } from "./report/render-tables.ts";
import type { Result } from "./report/result.ts";
import { renderCyclesPlot } from "./report/cycles-plot.ts";
import { renderSummaryText, replaceWritten } from "./report/summary-text.ts";
import { measureAgentCycle } from "./rows/agent-cycle.ts";
import { measureAudit } from "./rows/audit.ts";
import { measureControl } from "./rows/control.ts";
import { measureCycle } from "./rows/cycle.ts";
import { measureEmbeddedCycle } from "./rows/embedded-cycle.ts";
import { measureFirstHeldCall } from "./rows/first-held-call.ts";
import { measureAutomaticGate, measurePolicy } from "./rows/policy.ts";
import { measureQuestions } from "./rows/questions.ts";
import type { RowOptions } from "./rows/row-options.ts";
import { measureStart } from "./rows/start.ts";
import { measureWaiters } from "./rows/waiters.ts";
import { measureWakeUp } from "./rows/wake-up.ts";

const ROWS = ["P1", "P2", "P3", "P6", "P7", "P8", "P9", "P12", "P13", "P14", "P15", "P16"] as const;
type Row = (typeof ROWS)[number];

const USAGE = `npm run bench -- [options]
  --quick             short and all at once: shows that it works
  --only ${ROWS.join("|")}
                      one row
  --out <folder>      where the results go (default: bench/results; of a quick or a partial run, .tmp/bench)
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

interface Page {
  page: string;
  render: (result: Result) => string;
}

interface Options {
  isQuick: boolean;
  /** All that are asked for. */
  rows: readonly Row[];
  out: string;
  /** Where the picture of the rates goes. */
  plot: string;
  /** Pages that say what was measured. */
  pages: readonly Page[];
  profile: string | undefined;
}

function readOptions(): Options | undefined {
  try {
    const { values } = parseArgs({
      options: {
        quick: { type: "boolean", default: false },
        only: { type: "string" },
        out: { type: "string" },
        profile: { type: "string" },
      },
    });
    const row = ROWS.find((name) => name === values.only);
    if (values.only !== undefined && row === undefined) return undefined;
    return {
      isQuick: values.quick,
      rows: row === undefined ? ROWS : [row],
      ...placesOf(values.out, !values.quick && row === undefined),
      profile: values.profile,
    };
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    return undefined;
  }
}

/** Only a whole run is worth keeping where everybody looks. */
function placesOf(out: string | undefined, isWhole: boolean): Pick<Options, "out" | "plot" | "pages"> {
  const path = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url));
  if (out !== undefined || !isWhole) {
    const folder = out ?? path("../.tmp/bench");
    return { out: folder, plot: join(folder, "cycles.svg"), pages: [] };
  }
  return {
    out: path("results"),
    plot: path("../docs/images/cycles.svg"),
    pages: [
      { page: path("../README.md"), render: renderSummaryText },
      { page: path("../docs/explanation/performance.md"), render: renderGoals },
    ],
  };
}

async function run({ isQuick, rows, out, plot, pages, profile }: Options): Promise<void> {
  const plan = isQuick ? QUICK_PLAN : FULL_PLAN;
  const log = (line: string): void => console.error(line);
  const productNodeOptions =
    profile === undefined ? [] : ["--cpu-prof", `--cpu-prof-dir=${resolve(profile)}`];
  const measuring = { plan, log, productNodeOptions };
  const result: Result = { startedAt: new Date().toISOString(), plan, machine: readMachine() };
  if (plan.isOneByOne) for (const row of rows) await measureRow(row, result, measuring);
  else await Promise.all(rows.map((row) => measureRow(row, result, measuring)));
  const report = renderReport(result);
  mkdirSync(out, { recursive: true });
  writeFileSync(
    join(out, `${result.startedAt.slice(0, 10)}.json`),
    `${JSON.stringify(result, undefined, 2)}\n`,
  );
  writeFileSync(join(out, "latest.md"), report);
  if (result.cycle !== undefined) writeFileSync(plot, renderCyclesPlot(result, result.cycle));
  for (const { page, render } of pages) {
    writeFileSync(page, replaceWritten(readFileSync(page, "utf8"), render(result)));
  }
  console.log(report);
}

async function measureRow(row: Row, result: Result, measuring: RowOptions): Promise<void> {
  switch (row) {
    case "P1":
      result.cycle = await measureCycle(measuring);
      break;
    case "P2":
      result.wakeUps = await measureWakeUp(measuring);
      break;
    case "P3":
      result.agentCycle = await measureAgentCycle(measuring);
      break;
    case "P6":
      result.waiters = await measureWaiters(measuring);
      break;
    case "P7":
      result.embeddedCycle = await measureEmbeddedCycle(measuring);
      break;
    case "P8":
      result.audit = await measureAudit(measuring);
      break;
    case "P9":
      result.starts = await measureStart(measuring);
      break;
    case "P12":
      result.automaticGate = measureAutomaticGate(measuring);
      break;
    case "P13":
      result.policy = measurePolicy(measuring);
      break;
    case "P14":
      result.control = await measureControl(measuring);
      break;
    case "P15":
      if (measuring.plan.firstCalls > 0) result.firstHeldCalls = await measureFirstHeldCall(measuring);
      break;
    case "P16":
      result.questions = await measureQuestions(measuring);
      break;
    default:
      throw new TypeError(`No such row: ${String(row satisfies never)}`);
  }
}
