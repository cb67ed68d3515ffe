import type { DecisionInput, HoldDetail } from "@holdpoint/protocol";
import { useId } from "react";
import { useDraftText } from "@holdpoint/react";
import { Button } from "../ui/button.tsx";
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
  const id = useId();
  const [text, setText] = useDraftText(`${verdict}:${hold.id}`);
  const words = isDoubt(hold) && hold.runId !== null && verdict === "reject" ? REJECT_RESULT : WORDS[verdict];
  const send = () => {
    if (!isArmed || isBusy) return;
    const comment = text.trim();
    onSend({ verdict, ...(comment === "" ? {} : { comment }) });
  };
  return (
    <form
      className="max-w-3xl px-4 py-3 md:px-8"
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
      onKeyDown={(event) => {
        if (event.key === "Escape") {
          // Taken here: as a key of the page it would next close the card, too.
          event.preventDefault();
          onCancel();
        }
        if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) send();
      }}
    >
      <label htmlFor={id} className="font-semibold">
        {words.label}
      </label>
      <textarea
        id={id}
        // oxlint-disable-next-line jsx-a11y/no-autofocus -- the press that opened it asked for it
        autoFocus
        rows={3}
        maxLength={4_000}
        value={text}
        onChange={(event) => setText(event.target.value)}
        aria-describedby={`${id}-effect`}
        className="field mt-1.5"
      />
      <p id={`${id}-effect`} className="mt-1 text-sm text-quiet">
        {words.effect}
      </p>
      <div className="mt-2 flex gap-2">
        <Button type="submit" kind="main" shortcut="submit" isDisabled={!isArmed} isBusy={isBusy}>
          {words.button}
        </Button>
        <Button shortcut="back" onPress={onCancel}>
          Cancel
        </Button>
      </div>
    </form>
  );
}
