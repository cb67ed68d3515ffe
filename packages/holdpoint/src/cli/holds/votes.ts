import type { Hold } from "@holdpoint/protocol";
import { formatRelative } from "../terminal/duration.ts";
import { printable } from "../terminal/printable.ts";
import type { Style } from "../terminal/style.ts";
import { renderDifference } from "./difference.ts";

type Votes = Pick<Hold, "quorum" | "status">;

/** `1 of 2 approvals`, while people have voted and others still have to; undefined otherwise. */
export function renderProgress({ quorum, status }: Votes): string | undefined {
  if (status !== "pending" || quorum.votes.length === 0) return undefined;
  const noes = quorum.votes.filter(isNo).length;
  const counted = mostAgreed(quorum.votes);
  const refusals = noes === 0 ? "" : `, ${noes} of ${quorum.refusals} refusals`;
  return `${counted} of ${quorum.required} approvals${refusals}`;
}

/** Who said what, one line for each person, and a line for each change that they want: only the same ones count together. */
export function renderVotes(
  { quorum, action }: Votes & Pick<Hold, "action">,
  { now, style }: { now: number; style: Style },
): string[] {
  return quorum.votes.flatMap(({ by, verdict, at, comment, arguments: changed }) => {
    const words = comment === null || comment === "" ? "" : `: "${printable(comment)}"`;
    const said = `${printable(by.name)}: ${verdict} ${formatRelative(at, Math.max(now, Date.parse(at)))}${words}`;
    if (changed === null || action === null) return [said];
    return [said, ...renderDifference(action.arguments, changed, style).map((line) => `  ${line}`)];
  });
}

/** When more people are asked, or those who are asked are reminded. */
export function renderNextStep({ nextStep }: Pick<Hold, "nextStep">, now: number): string | undefined {
  if (nextStep == null) return undefined;
  const when = formatRelative(nextStep.at, now);
  return nextStep.type === "asked"
    ? `${when} ${printable(nextStep.who)} is asked too`
    : `${when} a reminder to ${printable(nextStep.who)}`;
}

/** Votes for other bytes do not count together. */
function mostAgreed(votes: Hold["quorum"]["votes"]): number {
  const counts = new Map<string, number>();
  for (const vote of votes) {
    if (isNo(vote)) continue;
    const bytes = vote.actionHash ?? vote.verdict;
    counts.set(bytes, (counts.get(bytes) ?? 0) + 1);
  }
  return Math.max(0, ...counts.values());
}

function isNo({ verdict }: { verdict: string }): boolean {
  return verdict === "reject" || verdict === "skip";
}
