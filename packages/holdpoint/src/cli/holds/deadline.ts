import type { Hold, HoldKind, OnTimeout } from "@holdpoint/protocol";
import { formatDuration } from "../terminal/duration.ts";
import { doubtOf } from "./doubt.ts";

const SILENCE: Record<OnTimeout, string> = {
  reject: "it ends as expired: nothing is executed, and the agent is told so",
  skip: "it ends as expired: the action is left out, and the agent is told to go on without it",
  hold: "it goes on waiting, without a deadline",
  escalate: "it moves up to the next in line",
  approve: "IT IS APPROVED BY ITSELF",
};
const SILENT: Record<HoldKind, string> = {
  approval: "If nobody decides",
  escalation: "If nobody decides",
  clarification: "If nobody answers",
  authorization: "If they do not sign in",
};

/** Until when, and what happens if nobody decides: silence must never surprise. */
export function renderDeadline(
  hold: Pick<Hold, "expiresAt" | "kind" | "onTimeout" | "question">,
  now: number,
): string {
  if (hold.expiresAt === null) return "none: it waits until somebody decides";
  const left = Date.parse(hold.expiresAt) - now;
  const when = left > 0 ? `in ${formatDuration(left)}` : `${formatDuration(-left)} ago`;
  return `${when} (${hold.expiresAt}). ${SILENT[hold.kind]}, ${silenceOf(hold)}.`;
}

function silenceOf(hold: Pick<Hold, "onTimeout" | "question">): string {
  const isEnd = hold.onTimeout === "reject" || hold.onTimeout === "skip";
  if (!isEnd || hold.question === null) return SILENCE[hold.onTimeout];
  return doubtOf(hold) === undefined
    ? "it ends as expired, and the agent is told so"
    : "it ends as expired: the result does not go out";
}
