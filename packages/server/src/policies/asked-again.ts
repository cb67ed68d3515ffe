import { isNarrowerRoute } from "@holdpoint/core";
import { routeInWords, STRENGTHS } from "@holdpoint/protocol";
import type { HoldRow } from "../holds/hold-row.ts";
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

type Approved = Pick<HoldRow, "quorum_required" | "strength" | "route" | "outcome" | "decided_at">;

/** I8: why what approved the hold is not enough by what the policy says now; undefined where it is. */
export function whyNotEnough(
  hold: Approved,
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
  if (isNarrowerRoute(hold.route, evaluation.route)) return undefined;
  return `With these arguments it needs ${routeInWords(evaluation.route)}, and was decided by ${routeInWords(hold.route)}.`;
}
