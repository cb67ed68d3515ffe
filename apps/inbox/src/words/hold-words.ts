import type {
  Fulfilment,
  Hold,
  HoldKind,
  HoldStatus,
  Impact,
  OnTimeout,
  Reversibility,
  Role,
  Tier,
} from "@holdpoint/protocol";
import type { IconName } from "../ui/icon.tsx";

/** How a state looks: always an icon and a word, the tone only beside them. */
export interface StateLook {
  word: string;
  icon: IconName;
  tone: "waiting" | "done" | "quiet" | "bad";
}

const STATUS: Record<HoldStatus, StateLook> = {
  pending: { word: "Waits for a decision", icon: "hold", tone: "waiting" },
  approved: { word: "Approved", icon: "check", tone: "done" },
  modified: { word: "Approved with changes", icon: "check", tone: "done" },
  rejected: { word: "Rejected", icon: "cross", tone: "quiet" },
  skipped: { word: "Skipped", icon: "skip", tone: "quiet" },
  answered: { word: "Answered", icon: "check", tone: "done" },
  expired: { word: "Expired without a decision", icon: "clock", tone: "quiet" },
  cancelled: { word: "Withdrawn", icon: "cross", tone: "quiet" },
};

/** "Approved" is never mistaken for "done". */
const FULFILMENT: Record<Fulfilment, StateLook | undefined> = {
  none: undefined,
  waiting: { word: "approved, not executed yet", icon: "clock", tone: "waiting" },
  delivered: { word: "approved, not executed yet", icon: "clock", tone: "waiting" },
  executing: { word: "approved, executing now", icon: "progress", tone: "waiting" },
  executed: { word: "executed", icon: "check", tone: "done" },
  failed: { word: "approved, but its execution failed", icon: "warning", tone: "bad" },
  unknown: { word: "approved; nobody knows whether it was executed", icon: "warning", tone: "bad" },
};

/** What a decision on a result is called: nobody "approves" an answer, it is accepted, corrected or sent back. */
const DOUBT_STATUS: Partial<Record<HoldStatus, StateLook>> = {
  approved: { word: "Accepted", icon: "check", tone: "done" },
  modified: { word: "Accepted with corrections", icon: "check", tone: "done" },
  answered: { word: "Sent back to the agent", icon: "undo", tone: "done" },
};

/** An escalation about a result that its agent is not sure of. */
export function isDoubt({ question }: Pick<Hold, "question">): boolean {
  return question?.["type"] === "escalation";
}

/** What a question waits for: nobody "decides" on an answer that is another person's to give, or on their sign-in. */
const WAITS_FOR: Readonly<Record<string, string>> = {
  action: "Waits for an answer",
  input: "Waits for an answer",
  choice: "Waits for an answer",
  value: "Waits for an answer",
  verification: "Waits for an answer",
  custom: "Waits for an answer",
  authorization: "Waits for the sign-in",
};

/** The state of a hold in words: the decision, and how far what was released has come. */
export function lookOf(hold: Pick<Hold, "status" | "fulfilment" | "question">): StateLook {
  const look = FULFILMENT[hold.fulfilment];
  if (look === undefined) {
    const type = hold.question?.["type"];
    const word = hold.status === "pending" && typeof type === "string" ? WAITS_FOR[type] : undefined;
    if (word !== undefined) return { ...STATUS.pending, word };
    return (isDoubt(hold) ? DOUBT_STATUS[hold.status] : undefined) ?? STATUS[hold.status];
  }
  const word =
    hold.status === "modified" ? look.word.replace("approved", "approved with changes") : look.word;
  return { ...look, word: word.charAt(0).toUpperCase() + word.slice(1) };
}

/** What somebody did, after their name: `Rob rejected this 4 s ago`. */
export const PAST: Record<Exclude<HoldStatus, "pending">, string> = {
  approved: "approved this",
  modified: "approved this with changes",
  rejected: "rejected this",
  skipped: "skipped this",
  answered: "answered this",
  expired: "let this expire",
  cancelled: "withdrew this",
};

const DOUBT_PAST: Partial<typeof PAST> = {
  approved: "accepted this",
  modified: "accepted this with corrections",
  answered: "sent this back",
};

/** What somebody did with this hold, after their name. */
export function pastOf(hold: Pick<Hold, "question">, status: Exclude<HoldStatus, "pending">): string {
  return (isDoubt(hold) ? DOUBT_PAST[status] : undefined) ?? PAST[status];
}

/** Where a decision came from. */
export const VIA: Readonly<Record<string, string>> = {
  console: "in the console",
  cli: "on the command line",
  api: "over the API",
  agentos: "over AgentOS",
  timeout: "by the passing of its deadline",
};

/** What becomes of it if nobody decides: silence must never surprise. */
export function silenceOf(hold: Pick<Hold, "kind" | "onTimeout" | "question" | "runId">): string {
  if (hold.kind === "approval") return `If nobody decides, ${SILENCE[hold.onTimeout]}`;
  const isEnd = hold.onTimeout === "reject" || hold.onTimeout === "skip";
  if (isEnd && isDoubt(hold) && hold.runId !== null)
    return "If nobody decides, it expires: the result does not go out, and the run ends as failed.";
  return `${SILENT[hold.kind]}, ${isEnd ? "it expires, and the agent is told so." : SILENCE[hold.onTimeout]}`;
}

const SILENT: Record<Exclude<HoldKind, "approval">, string> = {
  clarification: "If nobody answers",
  authorization: "If they do not sign in",
  escalation: "If nobody decides",
};

const SILENCE: Record<OnTimeout, string> = {
  reject: "it expires: nothing is executed, and the agent is told so.",
  skip: "it expires: this action is left out, and the agent goes on without it.",
  hold: "it goes on waiting, without a deadline.",
  escalate: "it moves up to the next in line.",
  approve: "it is approved by itself.",
};

export const REVERSIBILITY: Record<Reversibility, { word: string; icon: IconName }> = {
  reversible: { word: "Can be undone", icon: "undo" },
  partially_reversible: { word: "Can be undone in part", icon: "undo" },
  irreversible: { word: "Cannot be undone", icon: "final" },
};

export const IMPACT: Record<Impact, string> = { low: "Low", medium: "Medium", high: "High" };

export const KIND: Record<HoldKind, string> = {
  approval: "Approval",
  clarification: "Question",
  authorization: "Sign-in",
  escalation: "Escalation",
};

export const TIER: Record<Tier, string> = {
  automated: "Automatic",
  async_review: "Review",
  sync_gate: "The agent waits",
  escalation: "Escalated",
};

export const WHO_DECIDES: Record<Exclude<Role, "viewer">, string> = {
  reviewer: "a reviewer or above",
  manager: "a manager or an admin",
  operator: "an operator or an admin",
  admin: "an admin",
};
