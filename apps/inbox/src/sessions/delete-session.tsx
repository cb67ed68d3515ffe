import type { Session } from "@holdpoint/protocol";
import { useMutation } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { queryClient } from "../service/queries.ts";
import { deleteSession } from "../service/session-queries.ts";
import { announce } from "../shell/announcer.tsx";
import { DeleteDialog } from "../ui/delete-dialog.tsx";

/** Deletes a conversation for good, once its name was typed. */
export function DeleteSession({ session }: { session: Session }) {
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
  return (
    <DeleteDialog
      title="Delete this conversation?"
      name={session.id}
      button="Delete the conversation"
      remove={remove}
    >
      What was said, asked, decided and returned in its {session.runCount}{" "}
      {session.runCount === 1 ? "run" : "runs"} is gone. The log keeps that it happened, and still verifies.
    </DeleteDialog>
  );
}
