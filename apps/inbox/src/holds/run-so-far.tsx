import type { HoldDetail } from "@holdpoint/protocol";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { PlainProse } from "@holdpoint/react";
import { runQuery } from "../service/queries.ts";
import { Timeline } from "../runs/timeline.tsx";
import { timelineOf } from "../runs/timeline.ts";
import { Section } from "./section.tsx";

/** The run up to this point: what was asked of the agent, and what it said and did since. */
export function RunSoFar({ hold }: { hold: HoldDetail }) {
  const { runId } = hold;
  const { data: run } = useQuery({ ...runQuery(runId ?? ""), enabled: runId !== null });
  if (runId === null || run === undefined) return null;
  return (
    <Section
      title="The run so far"
      aside={
        <Link to="/runs/$runId" params={{ runId }} className="text-sm text-quiet underline hover:text-ink">
          Open the run
        </Link>
      }
    >
      <p className="text-sm text-quiet">Asked of the agent</p>
      <PlainProse text={run.input} />
      <div className="mt-3">
        <Timeline
          entries={timelineOf(run).filter(({ type }) => type !== "output" && type !== "step")}
          ownHoldId={hold.id}
        />
      </div>
    </Section>
  );
}
