import type { CalibrationReport } from "@holdpoint/protocol";
import { Command, Option } from "commander";
import { online, type Context, type OnlineOptions } from "../context.ts";
import { printable } from "../terminal/printable.ts";
import { parseNumber } from "./number.ts";

interface CalibrationOptions extends OnlineOptions {
  agent?: string;
  target?: number;
}

type Table = CalibrationReport["overall"];

/** `holdpoint policy calibration`: what the verdicts on samples say of confidence. */
export function calibrationCommand(context: Context): Command {
  return online(new Command("calibration"))
    .description("how often agents were right, by how sure they were, and the threshold that follows")
    .option("--agent <id>", "only that agent")
    .addOption(
      new Option(
        "--target <share>",
        "how often it should be right at or above the threshold (default: 0.95)",
      ).argParser(parseNumber),
    )
    .action(context.run((options: CalibrationOptions) => showCalibration(context, options)));
}

async function showCalibration(context: Context, options: CalibrationOptions): Promise<void> {
  const client = await context.connect(options);
  const report = await client.samples.calibration({ agentId: options.agent, target: options.target });
  if (options.json === true) {
    context.console.json(report);
    return;
  }
  if (report.overall.count === 0) {
    context.console.say("Nothing with a confidence has been judged yet: holdpoint policy samples list");
    return;
  }
  for (const { agentId, ...table } of report.agents)
    for (const line of renderTable(agentId ?? "no agent", table, report.target)) context.console.data(line);
  if (report.leftOut > 0)
    context.console.say(`Not counted: ${report.leftOut} judged as unsure, or without a confidence.`);
}

const BAR = 20;

function renderTable(agent: string, table: Table, target: number): string[] {
  const { count, correct, bins, expectedCalibrationError, suggestedThreshold } = table;
  const rows = bins
    .filter((bin) => bin.count > 0)
    .map((bin) => {
      const observed = bin.observed ?? 0;
      const bar = "#".repeat(Math.round(observed * BAR)).padEnd(BAR, ".");
      const range = `${bin.from.toFixed(1)} to ${bin.to.toFixed(1)}`;
      const interval = `${share(bin.low)} to ${share(bin.high)}`;
      return `${range}  ${String(bin.count).padStart(6)}  ${share(bin.expected)}  ${share(bin.observed)}  ${bar}  ${interval}`;
    });
  const threshold =
    suggestedThreshold === null
      ? `No threshold is suggested: too few judged actions to be sure of ${share(target).trim()} correct.`
      : `Suggested threshold: ${suggestedThreshold}. At or above it ${share(target).trim()} are correct, surely (95 %).`;
  return [
    `${printable(agent)}: ${correct} of ${count} correct, expected calibration error ${share(expectedCalibrationError).trim()}`,
    "confidence   judged  said    was     correct               95 % interval",
    ...rows,
    threshold,
  ];
}

function share(value: number | null): string {
  return `${((value ?? 0) * 100).toFixed(1)} %`.padStart(7);
}
