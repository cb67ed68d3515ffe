import type { Run } from "@holdpoint/protocol";
import { useMutation } from "@tanstack/react-query";
import { useDraftText } from "@holdpoint/react";
import { readRunAgain, tellRun } from "../service/steer-queries.ts";
import { announce } from "../shell/announcer.tsx";
import { ProblemNotice } from "../ui/problem-notice.tsx";
import { ReasonForm } from "../ui/reason-form.tsx";

/** A word from the operator, for the model's next step. */
export function TellAgent({ run, onClose }: { run: Run; onClose: () => void }) {
  const draft = useDraftText(`tell:${run.id}`);
  const tell = useMutation({
    mutationFn: (text: string) => tellRun(run.id, { text }),
    onSuccess: () => {
      draft[1]("");
      announce("The agent is told before its next step");
      onClose();
    },
    onSettled: () => readRunAgain(run.id),
  });
  return (
    <>
      <ReasonForm
        className="mt-3 max-w-xl border-l-2 border-ink pl-3"
        label="What should the agent know?"
        effect={
          run.status === "paused"
            ? "It reads this as yours once the run goes on, before its next step. What is proposed stays as it is."
            : "It reads this as yours before its next step. What is proposed or in flight stays as it is."
        }
        button="Tell the agent"
        maxLength={20_000}
        draft={draft}
        isBusy={tell.isPending}
        onSend={(text) => tell.mutate(text)}
        onClose={onClose}
      />
      {tell.isError ? <ProblemNotice error={tell.error} /> : null}
    </>
  );
}
