import type { Run, ToolCall } from "@holdpoint/protocol";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { readRunAgain, withdrawCall } from "../service/steer-queries.ts";
import { announce } from "../shell/announcer.tsx";
import { Button } from "../ui/button.tsx";
import { LatePart, latePart } from "../ui/late-part.tsx";
import { ProblemNotice } from "../ui/problem-notice.tsx";
import { ReasonForm } from "../ui/reason-form.tsx";
import type { RunHold } from "./timeline.ts";
import { GiveResult } from "./give-result.tsx";

// With its form of the tool's schema: for the few who open it.
const amendCall = latePart(
  () => import("./amend-call.tsx"),
  ({ AmendCall }) => AmendCall,
);

type Open = "result" | "amend" | "withdraw";

/** What an operator can do with a call that is not over: as data, in the order of the buttons. */
function possible(run: Run, call: ToolCall): Open[] {
  const isOver = ["completed", "failed", "cancelled"].includes(run.status);
  switch (call.status) {
    case "gated":
      return isOver ? [] : ["result", "amend", "withdraw"];
    case "approved":
    case "suspended":
      return isOver ? [] : ["result", "withdraw"];
    case "proposed":
      // Of a run that goes on, it is gated or executing in a moment.
      return run.status === "paused" ? ["result", "withdraw"] : [];
    case "unknown":
      return ["result"];
    default:
      return [];
  }
}

const LABEL: Record<Open, string> = {
  result: "Give its result by hand…",
  amend: "Amend…",
  withdraw: "Withdraw…",
};

function effectOfWithdrawing({ status, childRunId }: ToolCall, hold: RunHold | undefined): string {
  if (childRunId !== null) return "The run that it called is cancelled. The agent is told, and goes on.";
  if (status === "suspended")
    return "It is not taken up again; what it did so far stays done. The agent is told.";
  return hold?.status === "pending"
    ? "It is not executed, and nobody is asked about it any more. The agent is told, and goes on."
    : "It is not executed. The agent is told, and goes on.";
}

/** The buttons under a call, and what one of them has opened. */
export function CallActions({ run, call, hold }: { run: Run; call: ToolCall; hold: RunHold | undefined }) {
  const [open, setOpen] = useState<Open>();
  const withdraw = useMutation({
    mutationFn: (reason: string) => withdrawCall(run.id, call.id, reason),
    onSuccess: () => {
      announce("Withdrawn");
      setOpen(undefined);
    },
    onSettled: () => readRunAgain(run.id),
  });
  const ways = possible(run, call);
  if (ways.length === 0) return null;
  const close = () => setOpen(undefined);
  const panel = "mt-2 max-w-xl border-l-2 border-ink pl-3";
  if (open === undefined || !ways.includes(open)) {
    return (
      <div role="group" aria-label={`Take ${call.name} in hand`} className="-ml-3 flex flex-wrap">
        {ways.map((way) => (
          <Button key={way} kind="bare" className="text-quiet hover:text-ink" onPress={() => setOpen(way)}>
            {LABEL[way]}
          </Button>
        ))}
      </div>
    );
  }
  switch (open) {
    case "result":
      return <GiveResult run={run} call={call} className={panel} onClose={close} />;
    case "amend":
      return (
        <LatePart of={amendCall} fallback={<p className={`${panel} text-quiet`}>Reading…</p>} onClose={close}>
          {(AmendCall) => <AmendCall run={run} call={call} hold={hold} className={panel} onClose={close} />}
        </LatePart>
      );
    default:
      return (
        <div className={panel}>
          <ReasonForm
            label="Why? The agent reads this."
            effect={effectOfWithdrawing(call, hold)}
            button="Withdraw it"
            isBusy={withdraw.isPending}
            onSend={(reason) => withdraw.mutate(reason)}
            onClose={close}
          />
          {withdraw.isError ? <ProblemNotice error={withdraw.error} /> : null}
        </div>
      );
  }
}
