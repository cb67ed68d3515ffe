import type { HoldDetail } from "@holdpoint/protocol";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { Ref } from "react";
import { Unseen } from "@holdpoint/react";
import { formatDuration } from "@holdpoint/react/words";
import { useNow } from "../service/clock.ts";
import { meQuery } from "../service/queries.ts";
import { useAgents } from "../shell/agents.ts";
import { CopyButton } from "../ui/copy-button.tsx";
import { Icon } from "../ui/icon.tsx";
import { Ago } from "../ui/time.tsx";
import { KIND, TIER } from "../words/hold-words.ts";
import { pathInWords } from "../words/run-words.ts";
import { headlineFor } from "./headline.ts";
import { HoldState } from "./state-line.tsx";

/** One line: what is asked, by which agent, for whom. */
export function CardHead({ hold, headingRef }: { hold: HoldDetail; headingRef: Ref<HTMLHeadingElement> }) {
  const { nameOf } = useAgents();
  const { data: me } = useQuery(meQuery);
  return (
    <header>
      <p className="flex flex-wrap items-center gap-x-3 gap-y-1 text-sm">
        {hold.status === "pending" ? <HoldState hold={hold} /> : null}
        <TimeLeft hold={hold} />
        <span className="text-quiet">
          {KIND[hold.kind]}
          {hold.kind === "escalation" ? "" : ` · ${TIER[hold.tier]}`}
        </span>
        {hold.deferredAt === null || hold.status !== "pending" ? null : (
          <span className="text-quiet">
            Put off by you <Ago at={hold.deferredAt} />
          </span>
        )}
        <span className="ml-auto inline-flex items-center text-quiet max-md:hidden">
          <span className="font-mono text-xs">{shortId(hold.id)}</span>
          <CopyButton text={hold.id} what="the id of the hold" />
        </span>
      </p>
      {hold.runLostAt === null || hold.status !== "pending" ? null : (
        <p className="mt-1 flex items-start gap-1.5 font-semibold">
          <Icon name="warning" className="mt-[3px]" />
          <span>
            Nothing is heard of the run that asks, <Ago at={hold.runLostAt} /> last. What you decide counts
            once it is back.
          </span>
        </p>
      )}
      <h2 id="ask" ref={headingRef} tabIndex={-1} className="mt-2 text-xl font-semibold">
        <Unseen text={headlineFor(hold)} />
      </h2>
      <p className="mt-1 text-quiet">
        Asked by{" "}
        <span className="text-ink">
          {hold.path !== null ? (
            <Unseen text={pathInWords(hold.path)} />
          ) : hold.agentId !== null ? (
            <Unseen text={nameOf(hold.agentId)} />
          ) : hold.requester === me?.memberId ? (
            "you, with a key"
          ) : (
            <span title={hold.requester}>
              <Unseen text={shortId(hold.requester)} />
            </span>
          )}
        </span>
        {hold.endUserId === null ? null : (
          <>
            {" "}
            for{" "}
            <span className="text-ink">
              <Unseen text={hold.endUserId} />
            </span>
          </>
        )}{" "}
        <Ago at={hold.createdAt} />
        {hold.runId === null ? null : (
          <>
            {" · "}
            <Link
              to="/runs/$runId"
              params={{ runId: hold.runId }}
              className="whitespace-nowrap underline hover:text-ink"
            >
              its run
            </Link>
          </>
        )}
        {" · "}
        <Link to="/audit" search={{ hold: hold.id }} className="whitespace-nowrap underline hover:text-ink">
          its log
        </Link>
      </p>
    </header>
  );
}

/** How long there is, from the start: on a phone the deadline itself is below the fold. */
function TimeLeft({ hold }: { hold: HoldDetail }) {
  const now = useNow();
  if (hold.status !== "pending" || hold.expiresAt === null) return null;
  const left = Date.parse(hold.expiresAt) - now;
  return (
    <span className={left < 60_000 ? "font-semibold text-accent" : "text-quiet"}>
      {left <= 0 ? "time is up" : `${formatDuration(left)} left`}
    </span>
  );
}

function shortId(id: string): string {
  const [prefix = "", rest] = id.split("_");
  return rest === undefined || rest.length < 20 ? id : `${prefix}_…${rest.slice(-6)}`;
}
