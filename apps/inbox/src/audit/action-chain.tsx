import type { AuditEntry } from "@holdpoint/client";
import { Unseen } from "@holdpoint/react";
import { formatDuration } from "@holdpoint/react/words";
import { Icon, type IconName } from "../ui/icon.tsx";
import { ClockTime } from "../ui/time.tsx";
import { wordsOf } from "./audit-entries.tsx";
import { chainOf } from "./chain.ts";

const ICON: Record<string, IconName> = {
  presented: "hold",
  decided: "person",
  executing: "progress",
  ended: "check",
};

/** From presented to executed: who saw exactly what, who decided it, and that this and nothing else was executed. */
export function ActionChain({ entries }: { entries: readonly AuditEntry[] }) {
  const { links, isSameAction, missing } = chainOf(entries);
  if (links.length === 0) return null;
  return (
    <section aria-labelledby="chain" className="mt-6 border-t border-line pt-3">
      <h2 id="chain" className="label">
        From presented to executed
      </h2>
      <ol className="mt-2 grid gap-4 md:grid-cols-4">
        {links.map(({ step, entry, afterMs }) => (
          <li key={entry.event.id} className="border-t-2 border-ink pt-2">
            <p className="flex items-center gap-1.5 font-semibold">
              <Icon name={step === "executing" ? "play" : (ICON[step] ?? "check")} />{" "}
              {wordsOf(entry.eventType)}
            </p>
            <p className="text-sm text-quiet">
              <ClockTime at={entry.timestamp} />
              {afterMs === undefined
                ? null
                : ` · after ${afterMs < 1_000 ? `${afterMs} ms` : formatDuration(afterMs)}`}
            </p>
            {entry.event.actor.name === null ? null : (
              <p className="text-sm">
                by <Unseen text={entry.event.actor.name} />
              </p>
            )}
            {entry.event.actionHash === null ? null : (
              <p className="fact text-xs text-quiet" title={entry.event.actionHash}>
                {entry.event.actionHash.slice(0, 19)}…
              </p>
            )}
          </li>
        ))}
        {missing.map((step) => (
          <li key={step} className="border-t border-dashed border-edge pt-2 text-quiet">
            Not {step} yet
          </li>
        ))}
      </ol>
      <p className="mt-2 text-sm text-quiet">{isSameAction}</p>
    </section>
  );
}
