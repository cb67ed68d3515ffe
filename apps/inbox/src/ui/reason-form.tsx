import { useId, useState, type ReactNode } from "react";
import { Button, type ButtonKind } from "./button.tsx";

export interface ReasonFormProps {
  label: string;
  /** What sending it does, in a sentence. */
  effect: ReactNode;
  button: string;
  kind?: ButtonKind;
  /** Sent without words, too. Default false. */
  isOptional?: boolean;
  isArmed?: boolean;
  isBusy: boolean;
  maxLength?: number;
  /** Where the text is kept by whoever shows the form; else it lasts as long as the form. */
  draft?: readonly [text: string, setText: (text: string) => void];
  /** What leaving it is called. */
  backLabel?: string;
  /** More that is asked for, above the words; it takes the focus itself. */
  children?: ReactNode;
  className?: string;
  /** The words without the space around them; empty where none were needed. */
  onSend: (reason: string) => void;
  onClose: () => void;
}

/** Opened far down a page, it shows what sending does and the button too, not only the field with the focus. */
const showWhole = (form: HTMLFormElement | null) => form?.scrollIntoView({ block: "nearest" });

/** Why, or what: one field that a press has opened, what sending it does, and the way back. */
export function ReasonForm({ draft, isOptional = false, isArmed = true, isBusy, ...props }: ReasonFormProps) {
  const id = useId();
  const own = useState("");
  const [text, setText] = draft ?? own;
  const isReady = isArmed && (isOptional || text.trim() !== "");
  const send = () => {
    if (isReady && !isBusy) props.onSend(text.trim());
  };
  return (
    <form
      ref={showWhole}
      className={props.className ?? ""}
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
      onKeyDown={(event) => {
        if (event.key === "Escape") {
          // Taken here: as a key of the page it would next close what is behind the form, too.
          event.preventDefault();
          props.onClose();
        }
        if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) send();
      }}
    >
      {props.children}
      <label htmlFor={id} className="font-semibold">
        {props.label}
      </label>
      <textarea
        id={id}
        // oxlint-disable-next-line jsx-a11y/no-autofocus -- the press that opened it asked for it
        autoFocus={props.children === undefined}
        rows={3}
        maxLength={props.maxLength ?? 2_000}
        value={text}
        onChange={(event) => setText(event.target.value)}
        aria-describedby={`${id}-effect`}
        className="field mt-1.5"
      />
      <p id={`${id}-effect`} className="mt-1 text-sm text-quiet">
        {props.effect}
      </p>
      <div className="mt-2 flex flex-wrap gap-2">
        <Button
          type="submit"
          kind={props.kind ?? "main"}
          shortcut="submit"
          isDisabled={!isReady}
          isBusy={isBusy}
        >
          {props.button}
        </Button>
        <Button shortcut="back" onPress={props.onClose}>
          {props.backLabel ?? "Go back"}
        </Button>
      </div>
    </form>
  );
}
