import { HoldpointApiError } from "@holdpoint/client";
import { isJsonObject, type DecisionInput, type HoldDetail } from "@holdpoint/protocol";
import { useEffect, useRef } from "react";
import { createPortal } from "react-dom";
import { FormProvider } from "react-hook-form";
import { ChangeList, DraftField, Unseen, useDraftForm } from "@holdpoint/react";
import { Button } from "../ui/button.tsx";
import { countOf } from "../words/change-words.ts";
import { Section } from "./section.tsx";

export interface EditPanelProps {
  hold: HoldDetail;
  /** The fixed bar, where its buttons go. */
  bar: HTMLElement;
  isArmed: boolean;
  isBusy: boolean;
  /** What the service said to the last attempt. */
  error: Error | null;
  onApprove: (input: DecisionInput) => void;
  onCancel: () => void;
}

/** The action as a typed form; below it what would be approved instead of what was proposed. The service validates. */
export function EditPanel({ hold, bar, isArmed, isBusy, error, onApprove, onCancel }: EditPanelProps) {
  const { action } = hold;
  const { field, form, value, problems, changes, reset } = useDraftForm({
    schema: action?.schema ?? null,
    proposed: action?.arguments ?? {},
    storedAs: `edit:${action?.hash ?? hold.id}`,
  });
  const panel = useRef<HTMLFormElement>(null);
  useEffect(() => {
    panel.current?.querySelector<HTMLElement>("input, textarea, select")?.focus();
  }, []);

  if (action === null) return null;
  const canSend = isArmed && !isBusy && problems.length === 0 && changes.length > 0 && isJsonObject(value);
  const send = () => {
    if (canSend) onApprove({ verdict: "modify", actionHash: action.hash, arguments: value });
  };
  const context = { changed: new Set(changes.map((change) => change.path)), problems };
  const misfits = error instanceof HoldpointApiError ? error.errors : [];
  return (
    <FormProvider {...form}>
      <form
        ref={panel}
        onSubmit={(event) => {
          event.preventDefault(); // Enter in a field approves nothing
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
        <Section title="Edit the action">
          <p className="fact mb-3 font-semibold">
            <Unseen text={action.name} />
          </p>
          <DraftField field={field} name="draft" path={[]} label="arguments" isRequired context={context} />
          {misfits.length === 0 ? null : (
            <ul role="alert" className="mt-3 border-l-2 border-ink pl-3 font-semibold">
              {misfits.map(({ path, message }) => (
                <li key={`${path} ${message}`}>
                  <span className="fact">{path}</span> {message}
                </li>
              ))}
            </ul>
          )}
        </Section>
        <Section title="Proposed, and what you approve instead">
          {changes.length === 0 ? (
            <p className="text-quiet">
              {problems.length > 0 ? "Some fields cannot be sent as they are." : "Nothing is changed yet."}
            </p>
          ) : (
            <ChangeList changes={changes} />
          )}
        </Section>
      </form>
      {createPortal(
        <div className="max-w-3xl px-4 py-3 md:px-8">
          <div className="flex flex-wrap items-center gap-2" role="group" aria-label="Decide">
            <Button
              kind={action.reversibility === "irreversible" ? "final" : "main"}
              shortcut="submit"
              className="max-md:w-full max-md:min-h-11"
              isDisabled={!canSend}
              isBusy={isBusy}
              onPress={send}
            >
              Approve with {countOf(changes.length)}
            </Button>
            <Button isDisabled={changes.length === 0 && problems.length === 0} onPress={reset}>
              Reset
            </Button>
            <Button shortcut="back" onPress={onCancel}>
              Cancel
            </Button>
          </div>
        </div>,
        bar,
      )}
    </FormProvider>
  );
}
