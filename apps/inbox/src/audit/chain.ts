import type { AuditEntry } from "@holdpoint/client";

export type ChainStep = "presented" | "decided" | "executing" | "ended";

export interface ChainLink {
  step: ChainStep;
  entry: AuditEntry;
  /** Since the link before. */
  afterMs: number | undefined;
}

export interface Chain {
  links: ChainLink[];
  /** In words, how the hashes of the links go together. */
  isSameAction: string;
  /** What has not happened although it may still. */
  missing: string[];
}

const STEPS: Record<string, ChainStep> = {
  "hold.created": "presented",
  "hold.decided": "decided",
  "hold.expired": "decided",
  "hold.cancelled": "decided",
  "action.executing": "executing",
  "action.executed": "ended",
  "action.failed": "ended",
  "action.unknown": "ended",
};

/** The entries of one hold as the chain from presented to executed; entries come newest first. */
export function chainOf(entries: readonly AuditEntry[]): Chain {
  const inOrder = entries.filter((entry) => STEPS[entry.event.type] !== undefined).toReversed();
  const links = inOrder.map((entry, index): ChainLink => {
    const before = inOrder[index - 1];
    return {
      step: STEPS[entry.event.type] as ChainStep,
      entry,
      afterMs: before === undefined ? undefined : Date.parse(entry.timestamp) - Date.parse(before.timestamp),
    };
  });
  const decision = links.find((link) => link.step === "decided")?.entry;
  const isReleased = decision?.decision === "approved" || decision?.decision === "modified";
  const has = (step: ChainStep) => links.some((link) => link.step === step);
  return {
    links,
    isSameAction: sayHashes(links, decision),
    missing: [...(has("decided") ? [] : ["decided"]), ...(isReleased && !has("ended") ? ["executed"] : [])],
  };
}

function sayHashes(links: readonly ChainLink[], decision: AuditEntry | undefined): string {
  const hashOf = (step: ChainStep) => links.find((link) => link.step === step)?.entry.event.actionHash;
  const [shown, executed] = [hashOf("presented"), hashOf("executing")];
  if (shown == null) return "";
  if (executed == null) return "Nothing was executed under this hold so far.";
  if (executed === shown) return "What was executed is exactly what was presented: the hashes are the same.";
  return decision?.decision === "modified"
    ? "A reviewer changed the action; what was executed carries the hash of the changed one."
    : "What was executed is not what was presented.";
}
