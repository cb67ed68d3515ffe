import type { Hold } from "@holdpoint/protocol";
import { Link } from "@tanstack/react-router";
import { Unseen } from "@holdpoint/react";
import { formatAgo, formatDuration } from "@holdpoint/react/words";
import { useNow } from "../service/clock.ts";
import { Icon } from "../ui/icon.tsx";
import { KIND } from "../words/hold-words.ts";
import { headlineFor } from "./headline.ts";
import type { InboxSearch } from "./filters.ts";
import { HoldState } from "./state-line.tsx";

export interface HoldRowProps {
  hold: Hold;
  agentName: string;
  search: InboxSearch;
  isOpen: boolean;
  /** The one row that Tab reaches; the arrows of the list move it. */
  isMarked: boolean;
  onFocus: () => void;
}

export function HoldRow({ hold, agentName, search, isOpen, isMarked, onFocus }: HoldRowProps) {
  const isPending = hold.status === "pending";
  return (
    <li className="border-b border-line [contain-intrinsic-size:auto_76px] [content-visibility:auto]">
      <Link
        to="/holds/$holdId"
        params={{ holdId: hold.id }}
        search={search}
        aria-current={isOpen ? "true" : undefined}
        tabIndex={isMarked ? 0 : -1}
        onFocus={onFocus}
        data-hold={hold.id}
        className={`block border-l-2 py-2.5 pr-4 pl-3.5 -outline-offset-2 ${isOpen ? "border-l-ink bg-sunken" : "border-l-transparent hover:bg-sunken"}`}
      >
        <span className="flex items-baseline justify-between gap-3">
          <span className={`min-w-0 ${isPending ? "font-semibold" : ""}`}>
            <Unseen text={headlineFor(hold)} />
          </span>
          <RowTime hold={hold} />
        </span>
        <span className="mt-0.5 flex flex-wrap items-center gap-x-3 text-sm text-quiet">
          <span className="min-w-0">
            <Unseen text={agentName} />
          </span>
          {hold.kind === "approval" ? null : <span>{KIND[hold.kind]}</span>}
          {hold.endUserId === null ? null : (
            <span className="min-w-0">
              for <Unseen text={hold.endUserId} />
            </span>
          )}
          {isPending && hold.action?.reversibility === "irreversible" ? (
            <span className="inline-flex items-center gap-1 text-final">
              <Icon name="final" /> Cannot be undone
            </span>
          ) : null}
        </span>
        {isPending ? null : (
          <span className="mt-0.5 block text-sm">
            <HoldState hold={hold} />
          </span>
        )}
      </Link>
    </li>
  );
}

/** The deadline of what waits, the age of what is decided. */
function RowTime({ hold }: { hold: Hold }) {
  const now = useNow();
  if (hold.status !== "pending") {
    return (
      <span className="shrink-0 text-sm text-quiet">
        {formatAgo(now - Date.parse(hold.decidedAt ?? hold.createdAt))}
      </span>
    );
  }
  if (hold.expiresAt === null) return <span className="shrink-0 text-sm text-quiet">no deadline</span>;
  const left = Date.parse(hold.expiresAt) - now;
  return (
    <span
      className={`inline-flex shrink-0 items-baseline gap-1 text-sm ${left < 60_000 ? "font-semibold text-accent" : "text-quiet"}`}
    >
      {left < 60_000 ? <Icon name="clock" className="translate-y-0.5" /> : null}
      {left <= 0 ? "time is up" : `${formatDuration(left)} left`}
    </span>
  );
}
