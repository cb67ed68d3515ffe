import type { Run, ToolCall } from "@holdpoint/protocol";

type Step = Run["steps"][number];
type Hold = Run["holds"][number];

/** What a run did, in its order: what the model said, what it called, what was held, how it ended. */
export type TimelineEntry =
  | { type: "said"; key: string; at: string; step: Step }
  | { type: "called"; key: string; at: string | null; call: ToolCall; hold: Hold | undefined }
  | { type: "asked"; key: string; at: string; hold: Hold }
  | { type: "output"; key: string; at: string | null; text: string; isEdited: boolean };

/** Calls stand under the step that made them, each with the hold it waits for; other holds where they were made. */
export function timelineOf(run: Run): TimelineEntry[] {
  const holds = new Map(run.holds.map((hold) => [hold.id, hold]));
  const heldByCalls = new Set(run.toolCalls.map((call) => call.holdId));
  const entries: TimelineEntry[] = run.steps.flatMap((step): TimelineEntry[] => [
    // What is still being written comes by the run's own stream.
    ...(isOutput(run, step) || step.text === "" || step.status === "running"
      ? []
      : [{ type: "said", key: `step ${step.position}`, at: step.startedAt, step } as const]),
    ...run.toolCalls
      .filter((call) => call.step === step.position)
      .map(
        (call) =>
          ({
            type: "called",
            key: call.id,
            at: call.startedAt ?? step.endedAt ?? step.startedAt,
            call,
            hold: call.holdId === null ? undefined : holds.get(call.holdId),
          }) as const,
      ),
    // A doubt about an answer stands under that answer.
    ...run.holds
      .filter((hold) => hold.id === step.holdId)
      .map((hold) => ({ type: "asked", key: hold.id, at: hold.createdAt, hold }) as const),
  ]);
  const heldBySteps = new Set(run.steps.map((step) => step.holdId));
  for (const hold of run.holds) {
    if (!heldByCalls.has(hold.id) && !heldBySteps.has(hold.id))
      entries.push({ type: "asked", key: hold.id, at: hold.createdAt, hold });
  }
  if (run.output !== null && run.output !== "")
    entries.push({
      type: "output",
      key: "output",
      at: run.endedAt,
      text: run.output,
      isEdited: run.endReason === "result_edited",
    });
  return entries;
}

/** The last words of a run are its output, and are shown as that. */
function isOutput(run: Run, step: Step): boolean {
  return run.output !== null && step === run.steps.at(-1) && step.text === run.output;
}
