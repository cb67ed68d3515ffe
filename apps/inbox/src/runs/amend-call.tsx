import { HoldpointApiError } from "@holdpoint/client";
import { isJsonObject, type JsonObject, type Run, type ToolCall } from "@holdpoint/protocol";
import { useMutation } from "@tanstack/react-query";
import { FormProvider } from "react-hook-form";
import { ChangeList, DraftField, useDraftForm } from "@holdpoint/react";
import { amendCall, readRunAgain } from "../service/steer-queries.ts";
import { useAgents } from "../shell/agents.ts";
import { announce } from "../shell/announcer.tsx";
import { ProblemNotice } from "../ui/problem-notice.tsx";
import { ReasonForm } from "../ui/reason-form.tsx";
import type { RunHold } from "./timeline.ts";

interface AmendCallProps {
  run: Run;
  call: ToolCall;
  hold: RunHold | undefined;
  className: string;
  onClose: () => void;
}

/** Another proposal in the place of one that waits: it is held anew, and the old one cannot be approved any more. */
export function AmendCall({ run, call, hold, className, onClose }: AmendCallProps) {
  const { agents } = useAgents();
  const tool = agents.find(({ id }) => id === run.agentId)?.tools.find(({ name }) => name === call.name);
  const { field, form, value, problems, changes, forget } = useDraftForm({
    schema: tool?.inputSchema ?? null,
    // What is asked about now, which an operator may have amended before.
    proposed: hold?.action?.arguments ?? call.arguments,
    storedAs: `amend:${hold?.action?.hash ?? call.id}`,
  });
  const amend = useMutation({
    mutationFn: (reason: string) => amendCall(run.id, call.id, { arguments: value as JsonObject, reason }),
    onSuccess: () => {
      forget();
      announce("Amended; it waits for a new decision");
      onClose();
    },
    onSettled: () => readRunAgain(run.id),
  });
  const misfits = amend.error instanceof HoldpointApiError ? amend.error.errors : [];
  const context = { changed: new Set(changes.map(({ path }) => path)), problems };
  return (
    <div className={className}>
      <FormProvider {...form}>
        <ReasonForm
          label="Why? Whoever decides reads this."
          effect="The hold that is open is closed. A new one asks for exactly these arguments, and somebody else than you decides on it."
          button="Amend and ask again"
          isArmed={problems.length === 0 && changes.length > 0 && isJsonObject(value)}
          isBusy={amend.isPending}
          onSend={(reason) => amend.mutate(reason)}
          onClose={onClose}
        >
          <DraftField field={field} name="draft" path={[]} label="arguments" isRequired context={context} />
          {misfits.length === 0 ? null : (
            <ul role="alert" className="mt-2 border-l-2 border-ink pl-3 font-semibold">
              {misfits.map(({ path, message }) => (
                <li key={`${path} ${message}`}>
                  <span className="fact">{path}</span> {message}
                </li>
              ))}
            </ul>
          )}
          <div className="my-3">
            {changes.length === 0 ? (
              <p className="text-sm text-quiet">
                {problems.length > 0 ? "Some fields cannot be sent as they are." : "Nothing is changed yet."}
              </p>
            ) : (
              <ChangeList changes={changes} />
            )}
          </div>
        </ReasonForm>
      </FormProvider>
      {amend.isError && misfits.length === 0 ? <ProblemNotice error={amend.error} /> : null}
    </div>
  );
}
