import type { Backtest, JsonObject, PolicyInForce } from "@holdpoint/protocol";
import { useMutation, useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useId, useState } from "react";
import { Unseen } from "@holdpoint/react";
import { holdpoint } from "../service/client.ts";
import { shadowQuery } from "../service/policy-queries.ts";
import { Button } from "../ui/button.tsx";
import { ProblemNotice } from "../ui/problem-notice.tsx";
import { Ago } from "../ui/time.tsx";
import { useEditRight } from "./edit-right.ts";
import { usePolicyDraft } from "./policy-draft.ts";
import { Table } from "./table.tsx";

/** What a draft would have done, and what the version beside would do: before anybody has to wait for it. */
export function Trial({ policy }: { policy: PolicyInForce }) {
  return (
    <div className="grid gap-8">
      <BacktestPart policy={policy} />
      <ShadowPart />
    </div>
  );
}

function BacktestPart({ policy }: { policy: PolicyInForce }) {
  const id = useId();
  const draft = usePolicyDraft(policy);
  const against = useEditRight();
  const [days, setDays] = useState("30");
  const run = useMutation({
    mutationFn: (document: JsonObject) =>
      holdpoint.request<Backtest>("POST", "/v1/policies/backtest", {
        body: { document, days: Number(days) },
      }),
  });
  const subject = draft.isChanged ? "your draft" : `version ${policy.version}`;
  return (
    <section aria-labelledby={id}>
      <h2 id={id} className="font-semibold">
        Backtest
      </h2>
      <p className="mt-1 max-w-[68ch]">
        What {subject} would have done with the actions that were recorded. Nothing is stored, and nobody is
        asked.
      </p>
      <div className="mt-2 flex flex-wrap items-end gap-3">
        <label className="text-sm text-quiet">
          Of the last
          <select className="field mt-0.5" value={days} onChange={(event) => setDays(event.target.value)}>
            {["7", "30", "90", "365"].map((count) => (
              <option key={count} value={count}>
                {count} days
              </option>
            ))}
          </select>
        </label>
        <Button
          isDisabled={against !== undefined || draft.document === undefined}
          isBusy={run.isPending}
          {...(against === undefined ? {} : { reasonId: `${id}-against` })}
          onPress={() => (draft.document === undefined ? undefined : run.mutate(draft.document))}
        >
          Run {subject} over them
        </Button>
      </div>
      {against === undefined ? null : (
        <p id={`${id}-against`} className="mt-1 text-sm text-quiet">
          {against}
        </p>
      )}
      <div role="status" className="mt-4">
        {run.isError ? <ProblemNotice error={run.error} /> : null}
        {run.data === undefined ? null : <BacktestView backtest={run.data} />}
      </div>
    </section>
  );
}

function BacktestView({ backtest }: { backtest: Backtest }) {
  const { total, byRule, byRoute, byDay, examples, days, isTruncated } = backtest;
  if (total.actions === 0) return <p>No action was recorded in the last {days} days.</p>;
  return (
    <div className="grid gap-6">
      <p className="font-semibold">
        Of {total.actions} {total.actions === 1 ? "action" : "actions"}, {total.heldAfter} would have been
        held, where {total.heldBefore} {total.heldBefore === 1 ? "was" : "were"}.
        {isTruncated ? " There were more; the oldest were looked at." : ""}
      </p>
      <Table
        caption="By rule"
        columns={["Rule", "Decided before", "Decides after", "Held before", "Held after"]}
        rows={byRule.map((row) => [
          ruleName(row.rule),
          row.decidedBefore,
          row.decidedAfter,
          row.heldBefore,
          row.heldAfter,
        ])}
      />
      <Table
        caption="Who would have been asked"
        columns={["Asked", "Before", "After"]}
        rows={byRoute.map((row) => [row.route, row.heldBefore, row.heldAfter])}
      />
      <Table
        caption="By day"
        columns={["Day", "Actions", "Held before", "Held after"]}
        rows={byDay.map((row) => [row.day, row.actions, row.heldBefore, row.heldAfter])}
      />
      {examples.length === 0 ? null : (
        <div>
          <h3 className="label mb-1">What would be different, by examples</h3>
          <ul className="border-t border-line">
            {examples.map((example) => (
              <li key={example.eventId} className="border-b border-line py-1.5">
                <span className="fact font-semibold">
                  <Unseen text={example.action} />
                </span>{" "}
                {example.heldAfter ? "would be held" : "would proceed by itself"}:{" "}
                <Unseen text={example.reason} />{" "}
                <span className="text-sm text-quiet">
                  <Ago at={example.createdAt} />{" "}
                  {example.holdId === null ? null : (
                    <Link to="/holds/$holdId" params={{ holdId: example.holdId }} className="underline">
                      its hold
                    </Link>
                  )}
                </span>
              </li>
            ))}
          </ul>
        </div>
      )}
    </div>
  );
}

function ShadowPart() {
  const id = useId();
  const { data, error, refetch } = useQuery(shadowQuery);
  return (
    <section aria-labelledby={id} className="border-t border-line pt-3">
      <h2 id={id} className="font-semibold">
        The version that runs beside
      </h2>
      {error === null ? null : <ProblemNotice error={error} onRetry={() => void refetch()} />}
      {data === undefined ? (
        error === null ? (
          <p className="text-quiet">Reading…</p>
        ) : null
      ) : data.version === null ? (
        <p className="mt-1 max-w-[68ch]">
          None does. A draft can be put beside the policy in force under{" "}
          <em className="not-italic">Change</em>: then it records what it would do, and holds nothing.
        </p>
      ) : (
        <>
          <p className="mt-1 mb-4">
            Version {data.version} has looked at {data.actions} {data.actions === 1 ? "action" : "actions"}:
            it would hold {data.wouldHold} that proceeded, and let through {data.wouldLetThrough} that{" "}
            {data.wouldLetThrough === 1 ? "was" : "were"} held.
            {data.failed === 0 ? "" : ` ${data.failed} times it could not be evaluated.`}
          </p>
          {data.byRule.length === 0 ? null : (
            <Table
              caption="By its rules"
              columns={["Rule", "Actions", "Would hold", "Would let through"]}
              rows={data.byRule.map((row) => [
                ruleName(row.rule),
                row.actions,
                row.wouldHold,
                row.wouldLetThrough,
              ])}
            />
          )}
          <Button className="mt-3" onPress={() => void refetch()}>
            Count again
          </Button>
        </>
      )}
    </section>
  );
}

function ruleName(rule: string | null): string {
  return rule ?? "no rule: declared, or the default";
}
