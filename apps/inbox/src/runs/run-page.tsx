import { HoldpointApiError } from "@holdpoint/client";
import { confidenceInWords, isTerminalRun, type Run } from "@holdpoint/protocol";
import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useParams } from "@tanstack/react-router";
import { useRef } from "react";
import { PlainProse, Unseen } from "@holdpoint/react";
import { useKey } from "../keys/use-key.ts";
import { runQuery } from "../service/queries.ts";
import { useHeadingFocus } from "../shell/move-focus.ts";
import { useAgents } from "../shell/agents.ts";
import { HoldState, StateLine } from "../holds/state-line.tsx";
import { headlineFor } from "../holds/headline.ts";
import { CopyButton } from "../ui/copy-button.tsx";
import { Icon } from "../ui/icon.tsx";
import { ProblemNotice } from "../ui/problem-notice.tsx";
import { Ago } from "../ui/time.tsx";
import { END_WORDS, RUN_LOOK } from "../words/run-words.ts";
import { RunText } from "./run-text.tsx";
import { StartRun } from "./start-run.tsx";
import { Timeline } from "./timeline.tsx";
import { timelineOf } from "./timeline.ts";

/** One run: what was asked, what happened, live, and what it waits for. */
export function RunPage() {
  const { runId } = useParams({ from: "/runs/$runId" });
  const query = useQuery(runQuery(runId));
  const navigate = useNavigate();
  useKey("back", () => void navigate({ to: "/runs" }));
  return (
    <main className="relative h-full overflow-y-auto">
      <div className="max-w-3xl px-4 py-4 md:px-8 md:py-6">
        <Link to="/runs" className="inline-flex min-h-9 items-center gap-1.5 text-quiet hover:text-ink">
          <Icon name="back" /> Runs
        </Link>
        {query.data !== undefined ? (
          <RunView run={query.data} />
        ) : query.error === null ? (
          <p className="mt-4 text-quiet">Reading…</p>
        ) : query.error instanceof HoldpointApiError && query.error.status === 404 ? (
          <h1 className="mt-4 text-xl font-semibold">There is no such run here</h1>
        ) : (
          <ProblemNotice error={query.error} onRetry={() => void query.refetch()} />
        )}
      </div>
    </main>
  );
}

/** Why a run ended, where that tells nobody anything. */
const ORDINARY_ENDS = new Set(["completed", "end_turn", "stop"]);

function RunView({ run }: { run: Run }) {
  const { nameOf } = useAgents();
  const heading = useRef<HTMLHeadingElement>(null);
  useHeadingFocus(heading, run.id);
  const waiting = run.holds.filter((hold) => hold.status === "pending");
  return (
    <>
      <div className="mt-2 flex flex-wrap items-center gap-x-3 text-sm">
        <StateLine look={RUN_LOOK[run.status]} />
        {run.pauseRequested ? <span className="text-quiet">pauses after the step in flight</span> : null}
        <span className="ml-auto inline-flex items-center text-quiet">
          <span className="font-mono text-xs">
            {run.id.slice(0, 4)}…{run.id.slice(-6)}
          </span>
          <CopyButton text={run.id} what="the id of the run" />
        </span>
      </div>
      <h1 ref={heading} tabIndex={-1} className="mt-2 text-xl font-semibold">
        <Unseen text={nameOf(run.agentId)} />
      </h1>
      <p className="mt-1 text-quiet">
        Started <Ago at={run.createdAt} />
        {run.model === null ? null : (
          <>
            {" "}
            on <Unseen text={run.model} />
          </>
        )}
        {run.usage === null || run.usage.totalTokens === 0 ? null : <> · {run.usage.totalTokens} tokens</>}
        {run.confidence === null ? null : (
          <>
            {" "}
            · {confidenceInWords(run.confidence)} of its answer ({run.confidence.toFixed(2)})
          </>
        )}
        {run.sessionId === null ? null : (
          <>
            {" "}
            · session <Unseen text={run.sessionId} />
          </>
        )}
        {run.endUserId === null ? null : (
          <>
            {" "}
            · for <Unseen text={run.endUserId} />
          </>
        )}
        {" · "}
        <Link to="/audit" search={{ run: run.id }} className="whitespace-nowrap underline hover:text-ink">
          its log
        </Link>
      </p>
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
              </Link>
            </li>
          ))}
        </ul>
      )}
      <section aria-label="Timeline" className="mt-6">
        <Timeline entries={timelineOf(run)} />
        {isTerminalRun(run.status) ? null : <RunText run={run} />}
      </section>
      {run.error === null ? null : (
        <p className="fact border-l-2 border-ink pl-3">
          <Unseen text={JSON.stringify(run.error, null, 2)} isProse />
        </p>
      )}
      {isTerminalRun(run.status) ? (
        <div className="mt-4 border-t border-line pt-4">
          {run.endReason === null || ORDINARY_ENDS.has(run.endReason) ? null : (
            <p className="mb-4 text-quiet">Ended: {END_WORDS[run.endReason] ?? run.endReason}</p>
          )}
          <h2 className="mb-3 font-semibold">Start another</h2>
          <StartRun />
        </div>
      ) : null}
    </>
  );
}
