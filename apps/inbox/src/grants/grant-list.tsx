import { routeInWords, type Grant } from "@holdpoint/protocol";
import { useInfiniteQuery, useMutation } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { Unseen } from "@holdpoint/react";
import { formatDuration } from "@holdpoint/react/words";
import { grantsQuery, revokeGrant } from "../service/grant-queries.ts";
import { useNow } from "../service/clock.ts";
import { queryClient } from "../service/queries.ts";
import { useAgents } from "../shell/agents.ts";
import { announce } from "../shell/announcer.tsx";
import { Button } from "../ui/button.tsx";
import { NextPage } from "../ui/next-page.tsx";
import { ProblemNotice } from "../ui/problem-notice.tsx";
import { Ago, Instant } from "../ui/time.tsx";

/** What proceeds because somebody let a decision stand; revoked at once. */
export function GrantList() {
  const [isActive, setIsActive] = useState(true);
  const query = useInfiniteQuery(grantsQuery({ isActive }));
  const grants = query.data?.pages.flatMap((page) => page.data);
  return (
    <div>
      <label className="inline-flex min-h-6 items-center gap-2">
        <input
          type="checkbox"
          className="size-4 accent-ink"
          checked={!isActive}
          onChange={(event) => setIsActive(!event.target.checked)}
        />
        Also those that are over
      </label>
      <div className="mt-3">
        {query.isError ? (
          <ProblemNotice error={query.error} onRetry={() => void query.refetch()} />
        ) : grants === undefined ? (
          <p className="text-quiet">Reading…</p>
        ) : grants.length === 0 ? (
          <p className="max-w-[68ch] border-t border-line pt-3">
            There is no grant{isActive ? " now" : ""}. Where the policy lets it, a decision can be made to
            stand: <em className="not-italic">Always allow…</em> on the hold.
          </p>
        ) : (
          <ul aria-label="Grants" className="border-t border-line">
            {grants.map((grant) => (
              <GrantLine key={grant.id} grant={grant} />
            ))}
          </ul>
        )}
      </div>
      <NextPage query={query} label="Show older" />
    </div>
  );
}

function GrantLine({ grant }: { grant: Grant }) {
  const { nameOf } = useAgents();
  const revoke = useMutation({
    mutationFn: () => revokeGrant(grant.id),
    onSuccess: () => announce("Revoked."),
    onSettled: () => queryClient.invalidateQueries({ queryKey: ["grants"] }),
  });
  return (
    <li className="border-b border-line py-3">
      <div className="flex flex-wrap items-start justify-between gap-x-6 gap-y-2">
        <div className="min-w-0">
          <p className={grant.isActive ? "" : "text-quiet"}>
            <span className="fact font-semibold">
              <Unseen text={grant.tool} />
            </span>{" "}
            {grant.condition === null ? (
              "whatever the arguments"
            ) : (
              <>
                where{" "}
                <code className="fact">
                  <Unseen text={grant.condition} isProse />
                </code>
              </>
            )}
          </p>
          <p>
            {grant.agentId === null ? "Any agent" : <Unseen text={nameOf(grant.agentId)} />}
            {grant.endUserId === null ? null : (
              <>
                , for <Unseen text={grant.endUserId} />
              </>
            )}
            . {times(grant.usedCount)}
            {grant.usesLeft === null ? "" : `, ${grant.usesLeft} left of ${grant.uses ?? 0}`}
            {grant.budgetLeft === null ? "" : `; value ${grant.budgetLeft} left of ${grant.budget ?? 0}`}.
          </p>
          <p className="text-sm text-quiet">
            <State grant={grant} /> Allowed by <Unseen text={grant.createdBy.name} />{" "}
            <Ago at={grant.createdAt} />, in the place of <Unseen text={routeInWords(grant.route)} />
            {grant.fromHoldId === null ? null : (
              <>
                {" · "}
                <Link
                  to="/holds/$holdId"
                  params={{ holdId: grant.fromHoldId }}
                  className="underline hover:text-ink"
                >
                  the decision
                </Link>
              </>
            )}
          </p>
          {grant.reason === null ? null : (
            <p className="text-quiet">
              “<Unseen text={grant.reason} isProse />”
            </p>
          )}
        </div>
        {grant.isActive ? (
          <Button isBusy={revoke.isPending} onPress={() => revoke.mutate()}>
            Revoke
            <span className="sr-only">
              {" "}
              the grant of {grant.tool} by {grant.createdBy.name}
            </span>
          </Button>
        ) : null}
      </div>
      {revoke.isError ? <ProblemNotice error={revoke.error} /> : null}
    </li>
  );
}

function State({ grant }: { grant: Grant }) {
  const now = useNow();
  if (grant.revokedAt !== null) {
    return (
      <>
        Revoked by <Unseen text={grant.revokedBy?.name ?? "somebody"} /> <Ago at={grant.revokedAt} />.{" "}
      </>
    );
  }
  const left = Date.parse(grant.expiresAt) - now;
  if (left <= 0) {
    return (
      <>
        Expired <Ago at={grant.expiresAt} />.{" "}
      </>
    );
  }
  if (!grant.isActive) return "Used up. ";
  return (
    <>
      Expires in <Instant at={grant.expiresAt}>{formatDuration(left)}</Instant>.{" "}
    </>
  );
}

function times(count: number): string {
  return count === 0 ? "Never used yet" : count === 1 ? "Used once" : `Used ${count} times`;
}
