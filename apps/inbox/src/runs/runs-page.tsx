import { useInfiniteQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Unseen } from "@holdpoint/react";
import { runsQuery } from "../service/queries.ts";
import { useAgents } from "../shell/agents.ts";
import { StateLine } from "../holds/state-line.tsx";
import { ProblemNotice } from "../ui/problem-notice.tsx";
import { NextPage } from "../ui/next-page.tsx";
import { AgoText } from "../ui/time.tsx";
import { LOST, RUN_LOOK } from "../words/run-words.ts";
import { RunPlaces } from "./run-places.tsx";
import { StartRun } from "./start-run.tsx";

/** All runs, newest first, and a box to start one. */
export function RunsPage() {
  const query = useInfiniteQuery(runsQuery({}));
  const { nameOf } = useAgents();
  const runs = query.data?.pages.flatMap((page) => page.data);
  return (
    <main className="relative h-full overflow-y-auto">
      <div className="max-w-5xl px-4 py-4 md:px-8 md:py-6">
        <h1 className="text-xl font-semibold">Runs</h1>
        <RunPlaces here="/runs" />
        <div className="mt-4 max-w-2xl">
          <StartRun />
        </div>
        {query.isError ? (
          <div className="mt-6">
            <ProblemNotice error={query.error} onRetry={() => void query.refetch()} />
          </div>
        ) : null}
        {runs === undefined ? (
          query.isError ? null : (
            <p className="mt-6 text-quiet">Reading…</p>
          )
        ) : runs.length === 0 ? (
          <p className="mt-8 border-t border-line pt-4">No run yet. Start one above.</p>
        ) : (
          <ul aria-label="Runs" className="mt-8 border-t border-line">
            {runs.map((run) => (
              <li key={run.id} className="border-b border-line">
                <Link
                  to="/runs/$runId"
                  params={{ runId: run.id }}
                  className="grid gap-x-6 gap-y-0.5 px-1 py-2.5 -outline-offset-2 hover:bg-sunken md:grid-cols-[1fr_11rem_11rem_6rem]"
                >
                  <span className="line-clamp-2 font-medium">
                    <Unseen text={run.input.slice(0, 300)} />
                  </span>
                  <StateLine look={run.external?.lostAt == null ? RUN_LOOK[run.status] : LOST} />
                  <span className="text-quiet">
                    <Unseen text={nameOf(run.agentId)} />
                  </span>
                  <span className="text-quiet">
                    <AgoText at={run.createdAt} />
                  </span>
                </Link>
              </li>
            ))}
          </ul>
        )}
        <NextPage query={query} />
      </div>
    </main>
  );
}
