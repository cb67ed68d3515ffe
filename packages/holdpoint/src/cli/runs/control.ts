import type { RunControlled } from "@holdpoint/protocol";
import type { Context, OnlineOptions } from "../context.ts";
import { printable, printablePath } from "../terminal/printable.ts";

type ReportedCall = NonNullable<RunControlled["report"]>["completed"][number];

export interface ControlOptions extends OnlineOptions {
  reason?: string;
}

export type ControlAction = "pause" | "resume" | "cancel" | "kill";

/** Takes a run in hand, and says what that did; of a run that was ended, what became of its calls. */
export async function controlRun(
  context: Context,
  action: ControlAction,
  id: string,
  options: ControlOptions,
): Promise<void> {
  const { runs } = await context.connect(options);
  const { reason } = options;
  const run = await (action === "kill" ? runs.kill(id, reason ?? "") : runs[action](id, { reason }));
  if (options.json === true) context.console.json(run);
  else for (const line of inWords(run)) context.console.data(line);
}

function inWords(run: RunControlled): string[] {
  if (run.pauseRequested)
    return [`${run.id} pauses at its next interrupt point: the step in flight is let to its end.`];
  if (run.report === null) return [`${run.id} is ${run.status}.`];
  const { completed, notCompleted, unknown } = run.report;
  return [
    `${run.id} is ${run.status}.`,
    ...listed("Completed", completed),
    ...listed("Not completed", notCompleted),
    ...listed("In flight when it ended, outcome unknown", unknown),
  ];
}

function listed(title: string, calls: readonly ReportedCall[]): string[] {
  const words = ({ id, name, path }: ReportedCall): string =>
    `${printable(name)} (${id})${path === undefined ? "" : ` of ${printablePath(path)}`}`;
  return calls.length === 0 ? [] : [`${title}: ${calls.map(words).join(", ")}`];
}
