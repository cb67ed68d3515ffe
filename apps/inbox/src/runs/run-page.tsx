import { isJsonObject, isTerminalRun, type Run } from "@holdpoint/protocol";
import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { useRef } from "react";
import { PlainProse, Unseen } from "@holdpoint/react";
import { useKey } from "../keys/use-key.ts";
import { isGone } from "../service/problem.ts";
import { meQuery, runQuery } from "../service/queries.ts";
import { useHeadingFocus } from "../shell/move-focus.ts";
import { useAgents } from "../shell/agents.ts";
import { HoldState, StateLine } from "../holds/state-line.tsx";
import { headlineFor } from "../holds/headline.ts";
import { CopyButton } from "../ui/copy-button.tsx";
import { Icon } from "../ui/icon.tsx";
import { ProblemNotice } from "../ui/problem-notice.tsx";
import { mayOperate } from "../words/rights.ts";
import { END_WORDS, pathInWords, RUN_LOOK } from "../words/run-words.ts";
import { CallActions } from "./call-actions.tsx";
import { ForkRun } from "./fork-run.tsx";
import { RunControls } from "./run-controls.tsx";
import { RunFacts } from "./run-facts.tsx";
import { RunMessages } from "./run-messages.tsx";
import { RunText } from "./run-text.tsx";
import { StartRun } from "./start-run.tsx";
import { Timeline, type TimelineActions } from "./timeline.tsx";
import { timelineOf } from "./timeline.ts";

/** One run: what was asked, what happened, live, and what it waits for. */
export function RunPage() {
  const { runId } = useParams({ from: "/runs/$runId" });
  const query = useQuery(runQuery(runId));
  const navigate = useNavigate();
  useKey("back", () => void navigate({ to: "/runs" }));
  return (
    <main className="relative h-full overflow-y-auto">
      <div className="max-w-3xl px-4 py-4 md:px-8 md:py-6 xl:max-w-6xl">
        <Link to="/runs" className="inline-flex min-h-9 items-center gap-1.5 text-quiet hover:text-ink">
          <Icon name="back" /> Runs
        </Link>
        {isGone(query.error) ? (
          <h1 className="mt-4 text-xl font-semibold">There is no such run here</h1>
        ) : query.data !== undefined ? (
          <RunView run={query.data} readAt={query.dataUpdatedAt} />
        ) : query.error === null ? (
          <p className="mt-4 text-quiet">Reading…</p>
        ) : (
          <ProblemNotice error={query.error} onRetry={() => void query.refetch()} />
        )}
      </div>
    </main>
  );
}

/** Why a run ended, where that tells nobody anything. */
const ORDINARY_ENDS = new Set(["completed", "end_turn", "stop"]);

function RunView({ run, readAt }: { run: Run; readAt: number }) {
  const { nameOf } = useAgents();
  const { data: me } = useQuery(meQuery);
  const { view = "timeline" } = useSearch({ from: "/runs/$runId" });
  const heading = useRef<HTMLHeadingElement>(null);
  useHeadingFocus(heading, run.id);
  const waiting = run.holds.filter((hold) => hold.status === "pending");
  return (
    <>
      <div className="mt-2 flex flex-wrap items-center gap-x-3 text-sm">
        <StateLine look={RUN_LOOK[run.status]} />
        <RunCondition run={run} />
        <span className="ml-auto inline-flex items-center text-quiet">
          <span className="font-mono text-xs">{shortId(run.id)}</span>
          <CopyButton text={run.id} what="the id of the run" />
        </span>
      </div>
      <h1 ref={heading} tabIndex={-1} className="mt-2 text-xl font-semibold">
        <Unseen text={nameOf(run.agentId)} />
      </h1>
      <Lineage run={run} />
      <RunControls run={run} />
      <div className="mt-4">
        <p className="label">Asked of the agent</p>
        <PlainProse text={run.input} />
      </div>
      {waiting.length === 0 ? null : (
        <ul aria-label="Waits for" className="mt-4 border-y border-line">
          {waiting.map((hold) => (
            <li key={hold.id}>
              <Link
                to="/holds/$holdId"
                params={{ holdId: hold.id }}
                className="flex min-h-11 flex-wrap items-center gap-x-4 bg-accent-wash px-3 hover:underline"
              >
                <HoldState hold={hold} />
                <span className="font-semibold">
                  <Unseen text={headlineFor(hold)} />
                </span>
                {hold.path === null ? null : (
                  <span className="text-quiet">
                    <Unseen text={pathInWords(hold.path)} />
                  </span>
                )}
              </Link>
            </li>
          ))}
        </ul>
      )}
      <div className="gap-x-12 xl:grid xl:grid-cols-[minmax(0,44rem)_16rem] xl:grid-rows-[auto_1fr]">
        <div className="xl:col-start-2 xl:row-span-2 xl:row-start-1">
          <RunFacts run={run} readAt={readAt} />
        </div>
        <Views view={view} runId={run.id} />
        <section aria-label={VIEWS[view]} className="mt-4 min-w-0 xl:col-start-1 xl:row-start-2">
          {view === "messages" ? (
            <RunMessages messages={run.messages} />
          ) : (
            <>
              <Timeline entries={timelineOf(run)} actions={mayOperate(me) ? actionsOn(run) : undefined} />
              {isTerminalRun(run.status) ? null : <RunText run={run} />}
            </>
          )}
          <RunEnd run={run} />
        </section>
      </div>
    </>
  );
}

const PAUSED_WITH = {
  all: "with all runs",
  agent: "with all runs of its agent",
  session: "with its conversation",
  tool: "",
} as const;

/** What its state does not say: whose order pauses it, what it waits for, or that nothing is heard of it. */
function RunCondition({ run }: { run: Run }) {
  const { pauseScope, waitsFor, external } = run;
  return (
    <>
      {run.pauseRequested ? <span className="text-quiet">pauses after the step in flight</span> : null}
      {pauseScope === null ? null : (
        <Link to="/agents" className="text-quiet underline hover:text-ink">
          {PAUSED_WITH[pauseScope]}
        </Link>
      )}
      {waitsFor === null ? null : (
        <span className="text-quiet">
          begins when <RunLink id={waitsFor} /> of its conversation has ended
        </span>
      )}
      {external?.lostAt == null ? null : (
        <span className="inline-flex items-start gap-1.5 font-semibold">
          <Icon name="warning" className="mt-0.5" /> Lost: nothing is heard of it. Cancelling gives it up.
        </span>
      )}
    </>
  );
}

/** What an operator can do with a call of it, and from one of its steps on. */
function actionsOn(run: Run): TimelineActions {
  return {
    onCall: (call, hold) => <CallActions run={run} call={call} hold={hold} />,
    onStep: (step) =>
      isTerminalRun(run.status) && run.external === null ? <ForkRun run={run} step={step.position} /> : null,
  };
}

/** Where a run came from, and what came of it in other runs. */
function Lineage({ run }: { run: Run }) {
  const { forkedFrom, forks, parentRunId, path } = run;
  if (forkedFrom === null && forks.length === 0 && parentRunId === null) return null;
  return (
    <p className="mt-1 text-quiet">
      {parentRunId === null ? null : (
        <>
          <Unseen text={pathInWords(path)} />, called by <RunLink id={parentRunId} />
        </>
      )}
      {parentRunId === null || (forkedFrom === null && forks.length === 0) ? "" : " · "}
      {forkedFrom === null ? null : (
        <>
          Goes on from step {forkedFrom.step} of <RunLink id={forkedFrom.runId} />
        </>
      )}
      {forkedFrom === null || forks.length === 0 ? "" : " · "}
      {forks.length === 0 ? null : (
        <>
          Run again as{" "}
          {forks.map((id, index) => (
            <span key={id}>
              {index === 0 ? "" : ", "}
              <RunLink id={id} />
            </span>
          ))}
        </>
      )}
    </p>
  );
}

function RunLink({ id }: { id: string }) {
  return (
    <Link to="/runs/$runId" params={{ runId: id }} className="font-mono text-sm underline hover:text-ink">
      {shortId(id)}
    </Link>
  );
}

/** The end of an id is what tells it from others of the same minute. */
function shortId(id: string): string {
  return `${id.slice(0, 4)}…${id.slice(-6)}`;
}

const VIEWS = { timeline: "Timeline", messages: "Messages" } as const;

function Views({ view, runId }: { view: keyof typeof VIEWS; runId: string }) {
  return (
    <nav
      aria-label="Views of the run"
      className="mt-6 flex gap-x-5 border-b border-line xl:col-start-1 xl:row-start-1"
    >
      {(Object.keys(VIEWS) as (keyof typeof VIEWS)[]).map((name) => (
        <Link
          key={name}
          to="/runs/$runId"
          params={{ runId }}
          search={name === "timeline" ? {} : { view: name }}
          replace
          aria-current={view === name ? "page" : undefined}
          className={`-mb-px inline-flex min-h-9 items-center border-b-2 ${view === name ? "border-ink font-semibold" : "border-transparent text-quiet hover:text-ink"}`}
        >
          {VIEWS[name]}
        </Link>
      ))}
    </nav>
  );
}

/** What was said of the end, and why; as data where there are no words. */
function errorInWords(error: Run["error"]): string {
  const { message, reason } = isJsonObject(error) ? error : {};
  if (typeof message !== "string") return JSON.stringify(error, null, 2);
  return typeof reason === "string" && reason !== "" ? `${message}: ${reason}` : message;
}

/** How it ended, where it did not simply come to its end; and a box to start another. */
function RunEnd({ run }: { run: Run }) {
  if (!isTerminalRun(run.status)) return null;
  return (
    <>
      {run.error === null ? null : (
        <p className="fact border-l-2 border-ink pl-3">
          <Unseen text={errorInWords(run.error)} isProse />
        </p>
      )}
      <div className="mt-4 border-t border-line pt-4">
        {run.endReason === null || ORDINARY_ENDS.has(run.endReason) ? null : (
          <p className="mb-4 text-quiet">Ended: {END_WORDS[run.endReason] ?? run.endReason}</p>
        )}
        <h2 className="mb-3 font-semibold">Start another</h2>
        <StartRun />
      </div>
    </>
  );
}
