import { useInfiniteQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Unseen } from "@holdpoint/react";
import { StateLine } from "../holds/state-line.tsx";
import { RunPlaces } from "../runs/run-places.tsx";
import { sessionsQuery } from "../service/session-queries.ts";
import { ProblemNotice } from "../ui/problem-notice.tsx";
import { NextPage } from "../ui/next-page.tsx";
import { AgoText } from "../ui/time.tsx";
import { RUN_LOOK } from "../words/run-words.ts";

/** Conversations: runs that share a history, those used last first. */
export function SessionsPage() {
  const query = useInfiniteQuery(sessionsQuery());
  const sessions = query.data?.pages.flatMap((page) => page.data);
  return (
    <main className="relative h-full overflow-y-auto">
      <div className="max-w-5xl px-4 py-4 md:px-8 md:py-6">
        <h1 className="text-xl font-semibold">Conversations</h1>
        <RunPlaces here="/sessions" />
        {query.isError ? <ProblemNotice error={query.error} onRetry={() => void query.refetch()} /> : null}
        {sessions === undefined ? (
          query.isError ? null : (
            <p className="mt-6 text-quiet">Reading…</p>
          )
        ) : sessions.length === 0 ? (
          <p className="mt-6">
            No conversation yet. Runs that are started with the same <span className="fact">sessionId</span>{" "}
            are one.
          </p>
        ) : (
          <ul aria-label="Conversations">
            {sessions.map((session) => (
              <li key={session.id} className="border-b border-line">
                <Link
                  to="/sessions/$sessionId"
                  params={{ sessionId: session.id }}
                  className="grid gap-x-6 gap-y-0.5 px-1 py-2.5 -outline-offset-2 hover:bg-sunken md:grid-cols-[1fr_11rem_8rem_7rem_6rem]"
                >
                  <span className="min-w-0 font-medium">
                    <Unseen text={session.id} />
                    {session.lastRun === null ? null : (
                      <span className="line-clamp-1 font-normal text-quiet">
                        <Unseen text={session.lastRun.input.slice(0, 200)} />
                      </span>
                    )}
                  </span>
                  <span>
                    {session.lastRun === null ? null : <StateLine look={RUN_LOOK[session.lastRun.status]} />}
                  </span>
                  <span className="text-quiet">
                    {session.endUserId === null ? null : (
                      <>
                        for <Unseen text={session.endUserId} />
                      </>
                    )}
                  </span>
                  <span className="text-quiet">
                    {session.runCount} {session.runCount === 1 ? "run" : "runs"}
                  </span>
                  <span className="text-quiet">
                    <AgoText at={session.lastUsedAt} />
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
