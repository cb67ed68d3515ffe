import type { Run, RunControlled } from "@holdpoint/protocol";
import { isTerminalRun } from "@holdpoint/protocol";
import { useMutation, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Unseen } from "@holdpoint/react";
import { holdpoint } from "../service/client.ts";
import { meQuery, queryClient } from "../service/queries.ts";
import { announce } from "../shell/announcer.tsx";
import { Button } from "../ui/button.tsx";
import { ProblemNotice } from "../ui/problem-notice.tsx";
import { ReasonForm } from "../ui/reason-form.tsx";
import { mayOperate } from "../words/rights.ts";
import { pathInWords, RUN_LOOK } from "../words/run-words.ts";
import { DeleteRun } from "./delete-run.tsx";
import { TellAgent } from "./tell-agent.tsx";

type Action = "pause" | "resume" | "cancel" | "kill";

const ENDS = {
  cancel: {
    label: "Why? Kept in the log.",
    effect:
      "Its open holds are closed, and what is in flight is told to stop. The run cannot go on afterwards.",
    button: "Cancel the run",
  },
  kill: {
    label: "Why? The last resort needs a reason.",
    effect:
      "Waits for nothing: what is in flight counts as unknown at once, whatever it does. The run cannot go on.",
    button: "Kill the run",
  },
} as const;

/** What an operator can do with a run that goes on, each with what it will do (inbox.md); and an admin with one that is over. */
export function RunControls({ run }: { run: Run }) {
  const { data: me } = useQuery(meQuery);
  const [open, setOpen] = useState<"tell" | "cancel" | "kill">();
  const control = useMutation({
    mutationFn: ({ action, reason }: { action: Action; reason?: string }): Promise<RunControlled> =>
      action === "kill"
        ? holdpoint.runs.kill(run.id, reason ?? "")
        : holdpoint.runs[action](run.id, { reason }),
    onSuccess: (controlled) => {
      setOpen(undefined);
      announce(
        controlled.pauseRequested ? "Pauses after the step in flight" : RUN_LOOK[controlled.status].word,
      );
    },
    onSettled: async () => {
      await queryClient.invalidateQueries({ queryKey: ["run", run.id] });
      await queryClient.invalidateQueries({ queryKey: ["runs"] });
    },
  });
  const report = control.data?.report;
  if (isTerminalRun(run.status)) {
    return (
      <>
        {report == null ? null : <Report report={report} />}
        {/* What another run has called goes with that one. */}
        {me?.role === "admin" && run.parentRunId === null ? (
          <div className="mt-4">
            <DeleteRun run={run} />
          </div>
        ) : null}
      </>
    );
  }
  if (!mayOperate(me)) return null;
  const isStopping = run.status === "paused" || run.pauseRequested;
  const press = (action: Action) => control.mutate({ action });
  return (
    <div className="mt-4">
      <div role="group" aria-label="Take the run in hand" className="flex flex-wrap gap-2">
        <Button
          icon={isStopping ? "progress" : "pause"}
          isBusy={control.isPending}
          onPress={() => press(isStopping ? "resume" : "pause")}
        >
          {isStopping ? "Resume" : "Pause at the next step"}
        </Button>
        <Button icon="message" onPress={() => setOpen("tell")}>
          Tell the agent…
        </Button>
        <Button isDisabled={control.isPending} onPress={() => setOpen("cancel")}>
          Cancel…
        </Button>
        <Button isDisabled={control.isPending} onPress={() => setOpen("kill")}>
          Kill…
        </Button>
      </div>
      {open === undefined ? null : open === "tell" ? (
        <TellAgent run={run} onClose={() => setOpen(undefined)} />
      ) : (
        <ReasonForm
          key={open}
          {...ENDS[open]}
          className="mt-3 max-w-xl border-l-2 border-ink pl-3"
          kind="final"
          isOptional={open === "cancel"}
          isBusy={control.isPending}
          onSend={(reason) => control.mutate({ action: open, ...(reason !== "" && { reason }) })}
          onClose={() => setOpen(undefined)}
        />
      )}
      {control.error === null ? null : (
        <div className="mt-3">
          <ProblemNotice error={control.error} />
        </div>
      )}
    </div>
  );
}

/** Each tool once, with how often: the timeline has the calls. */
function inWords(calls: NonNullable<RunControlled["report"]>["completed"]): string {
  const counts = new Map<string, number>();
  for (const { name, path } of calls) {
    const words = path === undefined ? name : `${name} (${pathInWords(path)})`;
    counts.set(words, (counts.get(words) ?? 0) + 1);
  }
  return [...counts].map(([words, count]) => (count === 1 ? words : `${words} × ${count}`)).join(", ");
}

/** What became of the calls of a run that was ended here (R99). */
function Report({ report }: { report: NonNullable<RunControlled["report"]> }) {
  const rows = [
    ["Completed", report.completed],
    ["Not completed", report.notCompleted],
    ["In flight when it ended: nobody knows", report.unknown],
  ] as const;
  return (
    <dl aria-label="What became of its calls" className="mt-4 border-y border-line py-2">
      {rows.map(([title, calls]) => (
        <div key={title} className="flex flex-wrap gap-x-2">
          <dt className="text-quiet">{title}:</dt>
          <dd>{calls.length === 0 ? "none" : <Unseen text={inWords(calls)} />}</dd>
        </div>
      ))}
    </dl>
  );
}
