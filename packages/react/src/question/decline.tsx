import { useId, useState } from "react";
import { useDraftText } from "../form/use-draft-text.ts";
import { Press } from "./press.tsx";
import { useWording } from "./wording.ts";

/** A no, with a word of why: as near as a yes, and never by accident. */
export function Decline(props: { id: string; isBusy: boolean; onDecline: (comment?: string) => void }) {
  const words = useWording();
  const fieldId = useId();
  const [comment, setComment] = useDraftText(`decline:${props.id}`);
  const [isOpen, setIsOpen] = useState(comment !== "");
  if (!isOpen) {
    return (
      <div className="hp-way-out">
        <Press isBare isDisabled={props.isBusy} onPress={() => setIsOpen(true)}>
          {words.decline}…
        </Press>
      </div>
    );
  }
  const leave = () => {
    setComment("");
    setIsOpen(false);
  };
  return (
    <div
      className="hp-decline"
      role="group"
      aria-label={words.decline}
      onKeyDown={(event) => {
        if (event.key === "Escape") leave();
      }}
    >
      <label htmlFor={fieldId} className="hp-field-label">
        {words.declineReason}
      </label>
      <textarea
        id={fieldId}
        autoFocus
        rows={2}
        maxLength={4_000}
        className="hp-input"
        value={comment}
        onChange={(event) => setComment(event.target.value)}
      />
      <div className="hp-row">
        <Press
          isBusy={props.isBusy}
          onPress={() => props.onDecline(comment.trim() === "" ? undefined : comment.trim())}
        >
          {words.decline}
        </Press>
        <Press isBare onPress={leave}>
          {words.back}
        </Press>
      </div>
    </div>
  );
}
