import { AlertDialog } from "@base-ui/react/alert-dialog";
import type { Session } from "@holdpoint/protocol";
import { useMutation } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useId, useRef, useState } from "react";
import { Unseen } from "@holdpoint/react";
import { queryClient } from "../service/queries.ts";
import { deleteSession } from "../service/session-queries.ts";
import { announce } from "../shell/announcer.tsx";
import { Button } from "../ui/button.tsx";
import { Icon } from "../ui/icon.tsx";
import { ProblemNotice } from "../ui/problem-notice.tsx";

/** Deletes a conversation for good, once its name was typed: nobody does that by the way. */
export function DeleteSession({ session }: { session: Session }) {
  const [isOpen, setIsOpen] = useState(false);
  const [typed, setTyped] = useState("");
  const id = useId();
  const field = useRef<HTMLInputElement>(null);
  const navigate = useNavigate();
  const remove = useMutation({
    mutationFn: () => deleteSession(session.id),
    onSuccess: async ({ runs, holds }) => {
      announce(`Deleted: ${runs} runs, ${holds} holds`);
      queryClient.removeQueries({ queryKey: ["session", session.id] });
      await navigate({ to: "/sessions" });
      for (const key of ["sessions", "runs", "run", "holds", "hold"])
        await queryClient.invalidateQueries({ queryKey: [key] });
    },
  });
  const isSame = typed.trim() === session.id;
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
          <AlertDialog.Title className="text-lg font-semibold">Delete this conversation?</AlertDialog.Title>
          <AlertDialog.Description render={<div />} className="mt-3">
            <p>
              What was said, asked, decided and returned in its {session.runCount}{" "}
              {session.runCount === 1 ? "run" : "runs"} is gone. The log keeps that it happened, and still
              verifies.
            </p>
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
                <Unseen text={session.id} />
              </span>{" "}
              to delete it
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
                Delete the conversation
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
