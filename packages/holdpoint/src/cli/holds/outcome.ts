import type { Fulfilment, Hold, HoldStatus } from "@holdpoint/protocol";
import { formatRelative } from "../terminal/duration.ts";
import { printable } from "../terminal/printable.ts";
import { renderProgress } from "./votes.ts";

const WORDS: Record<HoldStatus, string> = {
  pending: "waits for a decision",
  approved: "approved",
  modified: "approved with changes",
  rejected: "rejected",
  skipped: "skipped",
  answered: "answered",
  expired: "expired without a decision",
  cancelled: "withdrawn",
};

/** "Approved" is never mistaken for "done". */
const PROGRESS: Record<Fulfilment, string> = {
  none: "",
  waiting: "; not executed yet",
  delivered: "; not executed yet",
  executing: "; executing now",
  executed: "; executed",
  failed: "; its execution failed",
  unknown: "; nobody knows whether it was executed",
};

/** One sentence: how the hold ended, by whom, when, and how far its execution has come. */
export function renderOutcome(
  hold: Pick<Hold, "status" | "outcome" | "decidedAt" | "fulfilment"> & Partial<Pick<Hold, "quorum">>,
  now: number,
): string {
  const { quorum } = hold;
  const progress = quorum === undefined ? undefined : renderProgress({ status: hold.status, quorum });
  if (progress !== undefined) return `${WORDS[hold.status]}: ${progress}`;
  const by =
    hold.outcome === null ? "" : ` by ${printable(hold.outcome.by.name)} (${printable(hold.outcome.by.via)})`;
  const when = hold.decidedAt === null ? "" : ` ${formatPast(hold.decidedAt, now)}`;
  const self = hold.outcome?.selfDecided === true ? ", who had asked for it too" : "";
  const comment =
    hold.outcome?.comment == null || hold.outcome.comment === ""
      ? ""
      : `: "${printable(hold.outcome.comment)}"`;
  return `${WORDS[hold.status]}${by}${self}${when}${PROGRESS[hold.fulfilment]}${comment}`;
}

/** What is decided is past, also where the clock of this machine is behind the database's. */
function formatPast(instant: string, now: number): string {
  return formatRelative(instant, Math.max(now, Date.parse(instant)));
}
