import type { Run } from "@holdpoint/protocol";
import { useMutation } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useId, useState } from "react";
import { forkRun, readRunAgain } from "../service/steer-queries.ts";
import { Button } from "../ui/button.tsx";
import { ProblemNotice } from "../ui/problem-notice.tsx";
import { ReasonForm } from "../ui/reason-form.tsx";

/** Under a step of a run that has ended: a new run that goes on from there. */
export function ForkRun({ run, step }: { run: Run; step: number }) {
  const id = useId();
  const navigate = useNavigate();
  const [isOpen, setIsOpen] = useState(false);
  const [message, setMessage] = useState("");
  const fork = useMutation({
    mutationFn: (reason: string) =>
      forkRun(run.id, {
        fromStep: step,
        ...(message.trim() !== "" && { message: message.trim() }),
        ...(reason !== "" && { reason }),
      }),
    onSuccess: async (made) => {
      await readRunAgain(run.id);
      await navigate({ to: "/runs/$runId", params: { runId: made.id } });
    },
  });
  if (!isOpen) {
    return (
      <Button kind="bare" className="hover:text-ink" onPress={() => setIsOpen(true)}>
        Run again from here…
      </Button>
    );
  }
  return (
    <div className="mt-1 mb-2 w-full max-w-xl border-l-2 border-ink pl-3 text-base text-ink">
      <ReasonForm
        label="Why, if you like. Kept in the log."
        effect={`A new run sees what the model saw before step ${step}, and goes on from there. What this run has executed since is not executed again: the same call takes over its result.`}
        button={`Run again from step ${step}`}
        isOptional
        isBusy={fork.isPending}
        onSend={(reason) => fork.mutate(reason)}
        onClose={() => setIsOpen(false)}
      >
        <label htmlFor={id} className="font-semibold">
          What should be different? The agent reads this as the user's.
        </label>
        <textarea
          id={id}
          // oxlint-disable-next-line jsx-a11y/no-autofocus -- the press that opened it asked for it
          autoFocus
          rows={2}
          maxLength={200_000}
          value={message}
          onChange={(event) => setMessage(event.target.value)}
          className="field mt-1.5 mb-3"
        />
      </ReasonForm>
      {fork.isError ? <ProblemNotice error={fork.error} /> : null}
    </div>
  );
}
