import type { Run, RunDeleted } from "@holdpoint/protocol";
import { useMutation } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { holdpoint } from "../service/client.ts";
import { queryClient } from "../service/queries.ts";
import { announce } from "../shell/announcer.tsx";
import { DeleteDialog } from "../ui/delete-dialog.tsx";

/** Deletes a run that is over for good, once the end of its id was typed. */
export function DeleteRun({ run }: { run: Run }) {
  const navigate = useNavigate();
  const remove = useMutation({
    mutationFn: () => holdpoint.request<RunDeleted>("DELETE", `/v1/runs/${encodeURIComponent(run.id)}`),
    onSuccess: async ({ runs, holds }) => {
      announce(`Deleted: ${runs} runs, ${holds} holds`);
      queryClient.removeQueries({ queryKey: ["run", run.id] });
      await navigate({ to: "/runs" });
      for (const key of ["runs", "run", "holds", "hold", "sessions", "session"])
        await queryClient.invalidateQueries({ queryKey: [key] });
    },
  });
  const hasCalled = run.toolCalls.some(({ childRunId }) => childRunId !== null);
  return (
    <DeleteDialog
      title="Delete this run?"
      // As the page shows it: the beginning is that of all runs of the minute.
      name={run.id.slice(-6)}
      nameIs="the end of its id"
      button="Delete the run"
      remove={remove}
    >
      What was said, asked, decided and returned in it{hasCalled ? " and in the runs that it called" : ""} is
      gone. The log keeps its entries with what they say
      {run.sessionId === null ? ", and still verifies." : "; deleting its conversation erases that too."}
    </DeleteDialog>
  );
}
