import { AlertDialog } from "@base-ui/react/alert-dialog";
import type { UseMutationResult } from "@tanstack/react-query";
import { useId, useRef, useState, type ReactNode } from "react";
import { Unseen } from "@holdpoint/react";
import { Button } from "./button.tsx";
import { Icon } from "./icon.tsx";
import { ProblemNotice } from "./problem-notice.tsx";

export interface DeleteDialogProps {
  title: string;
  /** What is gone then, and what stays. */
  children: ReactNode;
  /** What has to be typed, and what it is where that does not say itself. */
  name: string;
  nameIs?: string;
  button: string;
  remove: UseMutationResult<unknown, Error, void>;
}

/** A button whose dialog deletes something for good, once its name was typed: nobody does that by the way. */
export function DeleteDialog({ title, children, name, nameIs, button, remove }: DeleteDialogProps) {
  const [isOpen, setIsOpen] = useState(false);
  const [typed, setTyped] = useState("");
  const id = useId();
  const field = useRef<HTMLInputElement>(null);
  const isSame = typed.trim() === name;
  const send = () => {
    if (isSame && !remove.isPending) remove.mutate();
  };
  const close = () => {
    setIsOpen(false);
    setTyped("");
    remove.reset();
  };
  return (
    <AlertDialog.Root open={isOpen} onOpenChange={(next) => (next ? setIsOpen(true) : close())}>
      <Button onPress={() => setIsOpen(true)}>Delete…</Button>
      <AlertDialog.Portal>
        <AlertDialog.Backdrop className="fixed inset-0 z-40 bg-shade" />
        <AlertDialog.Popup
          initialFocus={field}
          className="fixed top-1/2 left-1/2 z-50 max-h-[90dvh] w-[min(34rem,calc(100vw-2rem))] -translate-1/2 overflow-y-auto rounded-float border border-line bg-raised p-6 shadow-float"
        >
          <AlertDialog.Title className="text-lg font-semibold">{title}</AlertDialog.Title>
          <AlertDialog.Description render={<div />} className="mt-3">
            <p>{children}</p>
            <p className="mt-3 flex items-start gap-1.5 font-semibold text-final">
              <Icon name="final" className="mt-[3px]" /> This cannot be undone.
            </p>
          </AlertDialog.Description>
          <form
            className="mt-4"
            onSubmit={(event) => {
              event.preventDefault();
              send();
            }}
          >
            <label htmlFor={id}>
              Type{" "}
              <span className="fact font-semibold">
                <Unseen text={name} />
              </span>
              {nameIs === undefined ? "" : `, ${nameIs},`} to delete it
            </label>
            <input
              ref={field}
              id={id}
              autoComplete="off"
              spellCheck={false}
              value={typed}
              onChange={(event) => setTyped(event.target.value)}
              className="field fact mt-1.5"
            />
            {remove.isError ? (
              <div className="mt-3">
                <ProblemNotice error={remove.error} />
              </div>
            ) : null}
            <div className="mt-4 flex flex-wrap gap-2">
              <Button type="submit" kind="final" isDisabled={!isSame} isBusy={remove.isPending}>
                {button}
              </Button>
              <Button shortcut="back" onPress={close}>
                Go back
              </Button>
            </div>
          </form>
        </AlertDialog.Popup>
      </AlertDialog.Portal>
    </AlertDialog.Root>
  );
}
