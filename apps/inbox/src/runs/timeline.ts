import type { Run, ToolCall } from "@holdpoint/protocol";

export type Step = Run["steps"][number];
export type RunHold = Run["holds"][number];
type Note = Run["notes"][number];

/** What a run did, in its order: its steps, what the model said and called, what was held, how it ended. */
export type TimelineEntry =
  | { type: "step"; key: string; at: null; step: Step }
  | { type: "told"; key: string; at: string; note: Note; unheard: string | null }
  | { type: "said"; key: string; at: string; step: Step }
  | { type: "called"; key: string; at: string | null; call: ToolCall; hold: RunHold | undefined }
  | { type: "asked"; key: string; at: string; hold: RunHold }
  | { type: "output"; key: string; at: string | null; text: string; isEdited: boolean };

/**
 * Calls stand under the step that made them, each with the hold it waits for; other holds where they were made; a word
 * from an operator before the step that heard it.
 */
export function timelineOf(run: Run): TimelineEntry[] {
  const holds = new Map(run.holds.map((hold) => [hold.id, hold]));
  const heldByCalls = new Set(run.toolCalls.map((call) => call.holdId));
  const calls = new Set<string | null>(run.toolCalls.map((call) => call.id));
  const entries: TimelineEntry[] = run.steps.flatMap((step): TimelineEntry[] => [
    ...run.notes.filter((note) => note.heardStep === step.position).map((note) => toldOf(note, run)),
    { type: "step", key: `step ${step.position}`, at: null, step },
    // What is still being written comes by the run's own stream.
    ...(isOutput(run, step) || step.text === "" || step.status === "running"
      ? []
      : [{ type: "said", key: `said ${step.position}`, at: step.startedAt, step } as const]),
    ...run.toolCalls
      .filter((call) => call.step === step.position)
      .flatMap((call): TimelineEntry[] => [
        {
          type: "called",
          key: call.id,
          at: call.startedAt ?? step.endedAt ?? step.startedAt,
          call,
          hold: call.holdId === null ? undefined : holds.get(call.holdId),
        },
        // Held before: of a call that was amended, or that asked something itself.
        ...run.holds
          .filter((hold) => hold.toolCallId === call.id && hold.id !== call.holdId)
          .map((hold) => ({ type: "asked", key: hold.id, at: hold.createdAt, hold }) as const),
      ]),
    // A doubt about an answer stands under that answer.
    ...run.holds
      .filter((hold) => hold.id === step.holdId)
      .map((hold) => ({ type: "asked", key: hold.id, at: hold.createdAt, hold }) as const),
  ]);
  const heldBySteps = new Set(run.steps.map((step) => step.holdId));
  for (const hold of run.holds) {
    const isShown = heldByCalls.has(hold.id) || heldBySteps.has(hold.id) || calls.has(hold.toolCallId);
    if (!isShown) entries.push({ type: "asked", key: hold.id, at: hold.createdAt, hold });
  }
  entries.push(...run.notes.filter((note) => note.heardStep === null).map((note) => toldOf(note, run)));
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

function toldOf(note: Note, run: Run): TimelineEntry {
  const unheard = run.endedAt === null ? "not heard yet" : "never heard: the run had ended";
  const { id, createdAt, heardStep } = note;
  return { type: "told", key: id, at: createdAt, note, unheard: heardStep === null ? unheard : null };
}

/** The last words of a run are its output, and are shown as that. */
function isOutput(run: Run, step: Step): boolean {
  return run.output !== null && step === run.steps.at(-1) && step.text === run.output;
}
