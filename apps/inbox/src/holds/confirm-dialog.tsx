import { AlertDialog } from "@base-ui/react/alert-dialog";
import type { DecisionInput, HoldDetail, Me } from "@holdpoint/protocol";
import { useRef } from "react";
import { ChangeList, Facts, Unseen, findChanges } from "@holdpoint/react";
import { Button } from "../ui/button.tsx";
import { Icon } from "../ui/icon.tsx";
import { countOf } from "../words/change-words.ts";
import { headlineOf, pressOf } from "../words/effect.ts";
import { approveInWords, missingAfterMine } from "./votes.ts";

export interface ConfirmDialogProps {
  hold: HoldDetail;
  me: Me | undefined;
  /** What would be sent; undefined while nothing is being confirmed. */
  input: DecisionInput | undefined;
  isArmed: boolean;
  onConfirm: (input: DecisionInput) => void;
  onCancel: () => void;
}

/** For what is of high impact: the facts once more, and a button that names the effect. Enter alone approves nothing. */
export function ConfirmDialog({ hold, me, input, isArmed, onConfirm, onCancel }: ConfirmDialogProps) {
  const back = useRef<HTMLButtonElement>(null);
  const wasConfirmed = useRef(false);
  const { action } = hold;
  if (action === null) return null;
  const values = input?.arguments ?? action.arguments;
  const changed = { name: action.name, arguments: values };
  const changes = findChanges(action.arguments, values);
  const isFinal = action.reversibility === "irreversible";
  const labelOf = () => {
    const isChanged = changes.length > 0;
    const missing = missingAfterMine(hold, me, isChanged ? values : undefined);
    const changedWords = isChanged ? ` with ${countOf(changes.length)}` : "";
    return pressOf(`${approveInWords(hold, missing)}${changedWords}`, changed, { isEnough: missing === 0 });
  };
  const confirm = () => {
    if (input === undefined || !isArmed) return;
    wasConfirmed.current = true;
    onConfirm(input);
  };
  return (
    <AlertDialog.Root open={input !== undefined} onOpenChange={(next) => (next ? undefined : onCancel())}>
      <AlertDialog.Portal>
        <AlertDialog.Backdrop className="fixed inset-0 z-40 bg-shade" />
        <AlertDialog.Popup
          initialFocus={back}
          // Back to where it was, unless that is about to go: then whoever decides moves the focus to the news.
          finalFocus={() => {
            const goesBack = !wasConfirmed.current;
            wasConfirmed.current = false;
            return goesBack;
          }}
          onKeyDown={(event) => {
            if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) confirm();
          }}
          className="fixed top-1/2 left-1/2 z-50 flex max-h-[90dvh] w-[min(34rem,calc(100vw-2rem))] -translate-1/2 flex-col rounded-float border border-line bg-raised shadow-float"
        >
          <div className="min-h-0 overflow-y-auto p-6 pb-4">
            <AlertDialog.Title className="text-lg font-semibold">
              <Unseen text={headlineOf(changed)} />?
            </AlertDialog.Title>
            <AlertDialog.Description render={<div />} className="mt-3">
              <p className="fact mb-1 font-semibold">
                <Unseen text={action.name} />
              </p>
              <Facts values={values} />
              {changes.length === 0 ? null : (
                <div className="mt-3">
                  <p className="label">Changed by you</p>
                  <ChangeList changes={changes} />
                </div>
              )}
              <p className={`mt-4 flex items-start gap-1.5 ${isFinal ? "font-semibold text-final" : ""}`}>
                <Icon name={isFinal ? "final" : "warning"} className="mt-[3px]" />
                {isFinal ? "This cannot be undone." : "This has a high impact."}
              </p>
            </AlertDialog.Description>
          </div>
          <div className="flex flex-wrap gap-2 border-t border-line p-4 px-6">
            <Button
              kind={isFinal ? "final" : "main"}
              shortcut="submit"
              className="max-md:w-full"
              isDisabled={!isArmed}
              onPress={confirm}
            >
              {labelOf()}
            </Button>
            <Button ref={back} shortcut="back" onPress={onCancel}>
              Go back
            </Button>
          </div>
        </AlertDialog.Popup>
      </AlertDialog.Portal>
    </AlertDialog.Root>
  );
}
