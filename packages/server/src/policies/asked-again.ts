import { isKeptOut, isNarrowerRoute } from "@holdpoint/core";
import { routeInWords, STRENGTHS } from "@holdpoint/protocol";
import type { HoldRow } from "../holds/hold-row.ts";
import { holdState } from "../holds/hold-state.ts";
import type { Ruling } from "./ruling.ts";

/** Whatever the policy says now: somebody was asked about this before, so somebody is asked again, and told why. */
export function askedAgain(
  ruling: Ruling,
  hold: Pick<HoldRow, "tier" | "route" | "level">,
  why: string,
): Ruling {
  const { evaluation } = ruling;
  return {
    ...ruling,
    grantId: null,
    evaluation: {
      ...evaluation,
      ...(!evaluation.held && {
        held: true,
        level: hold.level ?? "mandatory_review",
        tier: hold.tier,
        timeoutSeconds: 300,
        respondSeconds: 300,
        route: hold.route,
      }),
      reasons: [...evaluation.reasons, { rule: "asked_again", text: why }],
    },
  };
}

/** I8: why what approved the hold is not enough by what the policy says now; undefined where it is. */
export function whyNotEnough(
  hold: HoldRow,
  { evaluation, heldSince }: Pick<Ruling, "evaluation" | "heldSince">,
): string | undefined {
  if (!evaluation.held) return undefined;
  if (heldSince !== undefined && !(Date.parse(hold.decided_at ?? "") > Date.parse(heldSince)))
    return `It was approved before this: ${evaluation.reasons.at(-1)?.text ?? "it is held"}.`;
  const { required } = evaluation.quorum;
  if (required > hold.quorum_required)
    return `It needs ${required} people by now, and was decided by ${hold.quorum_required}.`;
  if (STRENGTHS.indexOf(evaluation.strength) > hold.strength)
    return `It needs a decision of strength ${evaluation.strength} by now, and had one of ${STRENGTHS[hold.strength]}.`;
  if (hold.outcome?.by?.via === "timeout" && evaluation.onTimeout !== "approve")
    return "Silence has approved it, which by now is not enough.";
  // I9: whoever may not decide on it now has not decided on it for good then.
  const asNow = { ...holdState(hold), separation: evaluation.separation };
  if (decidersOf(hold).some((id) => isKeptOut(asNow, id)))
    return `It needs another person by now, and was decided by ${evaluation.separation === "starter" ? "whoever asked or started the run" : "whoever asked"}.`;
  if (isNarrowerRoute(hold.route, evaluation.route)) return undefined;
  return `With these arguments it needs ${routeInWords(evaluation.route)}, and was decided by ${routeInWords(hold.route)}.`;
}

/** Who was counted, and for whom they stood in. */
function decidersOf({ released_by: witnesses, outcome }: HoldRow): string[] {
  if (witnesses !== null) return witnesses.flatMap(({ by, memberId }) => [by, memberId]);
  const id = outcome?.by?.id;
  return id === undefined ? [] : [id];
}
