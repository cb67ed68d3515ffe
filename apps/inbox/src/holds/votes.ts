import {
  canonicalJson,
  type DecisionInput,
  type Hold,
  type HoldDetail,
  type JsonObject,
  type Me,
  type Vote,
} from "@holdpoint/protocol";

/** The newest vote of each person, in the order in which they came. */
export function votesOf(hold: Pick<Hold, "quorum">): readonly Vote[] {
  return hold.quorum.votes;
}

export function isYes({ verdict }: Pick<Vote, "verdict">): boolean {
  return verdict === "approve" || verdict === "modify" || verdict === "answer";
}

/** How many have said yes to what is proposed, as it is proposed. */
export function approvalsOf(hold: Pick<Hold, "quorum" | "action">): number {
  return votesOf(hold).filter((vote) => isYes(vote) && isForProposal(vote, hold)).length;
}

/**
 * How many yeses are missing after one of this person: to the action as it is proposed, or with `changed` arguments. 0:
 * theirs is enough.
 */
export function missingAfterMine(
  hold: Pick<Hold, "quorum" | "action">,
  me: Me | undefined,
  changed?: JsonObject,
): number {
  const others = votesOf(hold).filter(
    (vote) =>
      isYes(vote) &&
      vote.by.id !== me?.memberId &&
      (changed === undefined ? isForProposal(vote, hold) : isForArguments(vote, changed)),
  );
  return Math.max(0, hold.quorum.required - others.length - 1);
}

/** `Approve`, or where others must say yes besides, `Approve as 1 of 2`. */
export function approveInWords(hold: Pick<Hold, "quorum">, missing: number): string {
  const { required } = hold.quorum;
  return missing === 0 ? "Approve" : `Approve as ${required - missing} of ${required}`;
}

/** The decision that says yes to the same bytes as somebody's change; undefined where their bytes are not known. */
export function agreementWith(vote: Vote, hold: HoldDetail): DecisionInput | undefined {
  if (vote.verdict !== "modify" || vote.arguments === null || hold.action === null) return undefined;
  return { verdict: "modify", actionHash: hold.action.hash, arguments: vote.arguments };
}

function isForProposal({ actionHash }: Vote, { action }: Pick<Hold, "action">): boolean {
  return actionHash === null || actionHash === action?.hash;
}

function isForArguments({ arguments: values }: Vote, changed: JsonObject): boolean {
  return values !== null && canonicalJson(values) === canonicalJson(changed);
}
