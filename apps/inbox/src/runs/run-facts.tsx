import { confidenceInWords, type Run } from "@holdpoint/protocol";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { Facts, Unseen } from "@holdpoint/react";
import { useSince } from "../service/clock.ts";
import { Ago } from "../ui/time.tsx";
import { costInWords, spanInWords, timeOf, tokensInWords, type TimePart } from "../words/run-figures.ts";

/** What a run is and what it took: beside its timeline, or above it on a narrow screen. */
export function RunFacts({ run, readAt }: { run: Run; readAt: number }) {
  return (
    <aside aria-label="About this run" className="mt-4 border-y border-line py-3 xl:mt-6 xl:border-0">
      <RunTime run={run} readAt={readAt} />
      <dl className="mt-3 grid grid-cols-[repeat(auto-fill,minmax(7.5rem,1fr))] gap-x-6 gap-y-2 xl:grid-cols-1">
        <Fact name="Steps">{run.external?.steps ?? run.steps.length}</Fact>
        {run.usage === null || run.usage.totalTokens === 0 ? null : (
          <Fact name="Tokens">
            {tokensInWords(run.usage.totalTokens)}
            <span className="block text-sm text-quiet">
              {run.usage.inputTokens} in, {run.usage.outputTokens} out
            </span>
          </Fact>
        )}
        {run.cost === null ? null : <Fact name="Cost">{costInWords(run.cost)}</Fact>}
        {run.model === null ? null : (
          <Fact name="Model">
            <Unseen text={run.model} />
          </Fact>
        )}
        {run.confidence === null ? null : (
          <Fact name="Its answer">
            {confidenceInWords(run.confidence)} ({run.confidence.toFixed(2)})
          </Fact>
        )}
        {run.endUserId === null ? null : (
          <Fact name="For">
            <Unseen text={run.endUserId} />
          </Fact>
        )}
        {run.sessionId === null ? null : (
          <Fact name="Conversation">
            <Link to="/sessions/$sessionId" params={{ sessionId: run.sessionId }} className="underline">
              <Unseen text={run.sessionId} />
            </Link>
          </Fact>
        )}
        {run.external === null ? null : (
          <Fact name="Lives elsewhere">
            {run.external.lostAt === null ? "heard of " : "last heard of "}
            <Ago at={run.external.heartbeatAt} />
            {run.external.text === null ? null : (
              <span className="block text-sm text-quiet">
                <Unseen text={run.external.text} isProse />
              </span>
            )}
          </Fact>
        )}
        <Fact name="Started">
          <Ago at={run.createdAt} />
        </Fact>
        <Fact name="Log">
          <Link to="/audit" search={{ run: run.id }} className="underline">
            Its log
          </Link>
        </Fact>
      </dl>
      {run.metadata === null || Object.keys(run.metadata).length === 0 ? null : (
        <details className="mt-3">
          <summary className="text-sm text-quiet">Metadata</summary>
          <Facts values={run.metadata} />
        </details>
      )}
    </aside>
  );
}

/** Told by shade, and by the words below it. */
const SHADE: Record<TimePart["key"], string> = {
  working: "fill-ink",
  waiting: "fill-accent",
  paused: "fill-edge",
  queued: "fill-line",
};

function RunTime({ run, readAt }: { run: Run; readAt: number }) {
  const parts = timeOf(run, useSince(readAt)).filter(({ ms, key }) => ms >= 20 || key === "working");
  const whole = parts.reduce((sum, { ms }) => sum + ms, 0);
  const share = (ms: number) => (whole === 0 ? 0 : (ms / whole) * 100);
  return (
    <div>
      <p className="label">Its time: {spanInWords(whole)}</p>
      <svg aria-hidden="true" viewBox="0 0 100 4" preserveAspectRatio="none" className="mt-1 h-1.5 w-full">
        {parts.map(({ key, ms }, index) => (
          <rect
            key={key}
            x={share(parts.slice(0, index).reduce((sum, part) => sum + part.ms, 0))}
            width={share(ms)}
            height={4}
            className={SHADE[key]}
          />
        ))}
      </svg>
      <ul className="mt-1 flex flex-wrap gap-x-4 text-sm text-quiet">
        {parts.map(({ key, label, ms }) => (
          <li key={key} className="inline-flex items-center gap-1.5">
            <svg aria-hidden="true" viewBox="0 0 8 8" className="size-2">
              <rect width={8} height={8} className={SHADE[key]} />
            </svg>
            {label} {spanInWords(ms)}
          </li>
        ))}
      </ul>
    </div>
  );
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div className="min-w-0">
      <dt className="text-sm text-quiet">{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}
