import { canonicalJson, type HoldStatus, type Outcome, type Verdict } from "@holdpoint/protocol";
import { assertNever } from "../assert-never.ts";
import type { HoldTransition } from "./hold-command.ts";
import type { HoldState, Vote } from "./hold-state.ts";

/** A yes for the same bytes is the same text; a no is null. */
export function bytesOf(
  content: Pick<Outcome, "actionHash" | "arguments" | "answer"> & { verdict: Verdict },
): string | null {
  switch (content.verdict) {
    case "approve":
    case "modify":
      return content.actionHash ?? `${content.verdict} ${canonicalJson(content.arguments)}`;
    case "answer":
      return `answer ${canonicalJson(content.answer)}`;
    case "reject":
    case "skip":
      return null;
    default:
      return assertNever(content.verdict);
  }
}

/** The hold with a vote that decides nothing: one more version of it, and one event (I5). */
export function keepVote(hold: HoldState, vote: Vote): HoldTransition {
  const next: HoldState = { ...hold, version: hold.version + 1 };
  return {
    next,
    effects: [
      {
        type: "record",
        event: "hold.voted",
        decision: null,
        by: vote.by,
        rationale: vote.comment,
      },
      { type: "notify", holdId: hold.id, about: "voted" },
    ],
  };
}

/** Skipped only where nobody wanted it rejected. */
export function refusedStatus(hold: HoldState): HoldStatus {
  const noes = hold.votes.filter((vote) => bytesOf(vote) === null);
  return noes.every(({ verdict }) => verdict === "skip") ? "skipped" : "rejected";
}
