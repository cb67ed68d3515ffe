import type { DecisionInput, HoldDetail } from "@holdpoint/protocol";
import { useDraftText } from "@holdpoint/react";
import { ReasonForm } from "../ui/reason-form.tsx";
import { isDoubt } from "../words/hold-words.ts";

const WORDS = {
  reject: {
    label: "Why not? The agent reads this.",
    button: "Reject",
    effect: "Nothing is executed, and the agent is told.",
  },
  skip: {
    label: "A word to the agent, if you like",
    button: "Skip",
    effect: "Nothing is executed; the agent goes on without it.",
  },
} as const;

const REJECT_RESULT = {
  label: "Why not?",
  button: "Reject the result",
  effect: "The result does not go out, and its run ends as failed, with what you write here.",
} as const;

export interface ReasonPanelProps {
  hold: HoldDetail;
  verdict: "reject" | "skip";
  isArmed: boolean;
  isBusy: boolean;
  onSend: (input: DecisionInput) => void;
  onCancel: () => void;
}

/** A no costs as little as a yes: one field, which the agent will read. */
export function ReasonPanel({ hold, verdict, isArmed, isBusy, onSend, onCancel }: ReasonPanelProps) {
  const draft = useDraftText(`${verdict}:${hold.id}`);
  const words = isDoubt(hold) && hold.runId !== null && verdict === "reject" ? REJECT_RESULT : WORDS[verdict];
  return (
    <ReasonForm
      {...words}
      className="max-w-3xl px-4 py-3 md:px-8"
      isOptional
      isArmed={isArmed}
      isBusy={isBusy}
      maxLength={4_000}
      draft={draft}
      backLabel="Cancel"
      onSend={(comment) => onSend({ verdict, ...(comment !== "" && { comment }) })}
      onClose={onCancel}
    />
  );
}
