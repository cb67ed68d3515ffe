import { isTerminalRun, type RunSummary, type Session } from "@holdpoint/protocol";
import { useMutation, useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useParams } from "@tanstack/react-router";
import { useRef, useState } from "react";
import { AgentMarkdown, ModelText, PlainProse, Unseen } from "@holdpoint/react";
import { OrderSwitch } from "../agents/order-switch.tsx";
import { PAUSE_SESSION } from "../agents/order-words.ts";
import { StateLine } from "../holds/state-line.tsx";
import { useKey } from "../keys/use-key.ts";
import { isGone } from "../service/problem.ts";
import { subjectOf, useOrders } from "../service/order-queries.ts";
import { meQuery, queryClient } from "../service/queries.ts";
import { cancelSession, sessionQuery } from "../service/session-queries.ts";
import { useAgents } from "../shell/agents.ts";
import { announce } from "../shell/announcer.tsx";
import { useHeadingFocus } from "../shell/move-focus.ts";
import { Button } from "../ui/button.tsx";
import { Icon } from "../ui/icon.tsx";
import { ProblemNotice } from "../ui/problem-notice.tsx";
import { ReasonForm } from "../ui/reason-form.tsx";
import { Ago } from "../ui/time.tsx";
import { mayOperate } from "../words/rights.ts";
import { RUN_LOOK } from "../words/run-words.ts";
import { DeleteSession } from "./delete-session.tsx";

/** One conversation: its runs in their order, and what can be done with all of them. */
export function SessionPage() {
  const { sessionId } = useParams({ from: "/sessions/$sessionId" });
  const query = useQuery(sessionQuery(sessionId));
  const navigate = useNavigate();
  useKey("back", () => void navigate({ to: "/sessions" }));
  return (
    <main className="relative h-full overflow-y-auto">
      <div className="max-w-3xl px-4 py-4 md:px-8 md:py-6">
        <Link to="/sessions" className="inline-flex min-h-9 items-center gap-1.5 text-quiet hover:text-ink">
          <Icon name="back" /> Conversations
        </Link>
        {isGone(query.error) ? (
          <h1 className="mt-4 text-xl font-semibold">There is no such conversation here</h1>
        ) : query.data !== undefined ? (
          <SessionView session={query.data} />
        ) : query.error === null ? (
          <p className="mt-4 text-quiet">Reading…</p>
        ) : (
          <ProblemNotice error={query.error} onRetry={() => void query.refetch()} />
        )}
      </div>
    </main>
  );
}

function SessionView({ session }: { session: Session }) {
  const heading = useRef<HTMLHeadingElement>(null);
  useHeadingFocus(heading, session.id);
  const { data: me } = useQuery(meQuery);
  const { runs, endUser, endUserId } = session;
  const who = endUser?.name ?? endUserId;
  return (
    <>
      <h1 ref={heading} tabIndex={-1} className="mt-2 text-xl font-semibold">
        <Unseen text={session.id} />
      </h1>
      <p className="mt-1 text-quiet">
        {session.runCount} {session.runCount === 1 ? "run" : "runs"}
        {who === null ? null : (
          <>
            {" "}
            · for <Unseen text={who} />
          </>
        )}{" "}
        · begun <Ago at={session.createdAt} /> ·{" "}
        <Link to="/audit" search={{ session: session.id }} className="underline hover:text-ink">
          its log
        </Link>
      </p>
      {mayOperate(me) ? <SessionControls session={session} /> : null}
      {runs.length < session.runCount ? (
        <p className="mt-4 text-quiet">The last {runs.length} of them:</p>
      ) : null}
      <ol aria-label="Runs of this conversation" className="mt-4 border-t border-line">
        {runs.map((run) => (
          <SessionRun key={run.id} run={run} />
        ))}
      </ol>
    </>
  );
}

function SessionRun({ run }: { run: RunSummary }) {
  const { nameOf } = useAgents();
  return (
    <li className="grid gap-2 border-b border-line py-4">
      <p className="flex flex-wrap items-center gap-x-3 text-sm">
        <StateLine look={RUN_LOOK[run.status]} />
        <span className="text-quiet">
          <Unseen text={nameOf(run.agentId)} />, <Ago at={run.createdAt} />
        </span>
        <Link to="/runs/$runId" params={{ runId: run.id }} className="ml-auto underline">
          Open the run
        </Link>
      </p>
      {run.waitsFor == null ? null : (
        <p className="text-sm text-quiet">Begins when the run before it has ended.</p>
      )}
      <PlainProse text={run.input} />
      {run.output === null || run.output === "" ? null : (
        <ModelText label="Answered by the model">
          <AgentMarkdown text={run.output} />
        </ModelText>
      )}
    </li>
  );
}

function SessionControls({ session }: { session: Session }) {
  const [isCancelling, setIsCancelling] = useState(false);
  const { data: me } = useQuery(meQuery);
  const { find } = useOrders();
  const isActive = session.runs.some((run) => !isTerminalRun(run.status));
  const cancel = useMutation({
    mutationFn: (reason: string) => cancelSession(session.id, reason),
    onSuccess: () => {
      setIsCancelling(false);
      announce("Its runs are cancelled");
    },
    onSettled: async () => {
      for (const key of ["session", "sessions", "run", "runs"])
        await queryClient.invalidateQueries({ queryKey: [key] });
    },
  });
  return (
    <div className="mt-4 grid gap-3">
      <div
        role="group"
        aria-label="Take the conversation in hand"
        className="flex flex-wrap items-start gap-2"
      >
        <OrderSwitch
          subject={subjectOf("sessions", session.id)}
          name={session.id}
          standing={find("pause", "session", session.id)}
          words={PAUSE_SESSION}
          mayOperate
        />
        {isActive ? <Button onPress={() => setIsCancelling(true)}>Cancel its runs…</Button> : null}
        {isActive || me?.role !== "admin" ? null : <DeleteSession session={session} />}
      </div>
      {isCancelling ? (
        <ReasonForm
          className="max-w-xl border-l-2 border-ink pl-3"
          label="Why? Kept in the log."
          effect="All its runs that are not over end. Their open holds are closed, and what is in flight is told to stop."
          button="Cancel its runs"
          kind="final"
          isOptional
          isBusy={cancel.isPending}
          onSend={(reason) => cancel.mutate(reason)}
          onClose={() => setIsCancelling(false)}
        />
      ) : null}
      {cancel.isError ? <ProblemNotice error={cancel.error} /> : null}
    </div>
  );
}
