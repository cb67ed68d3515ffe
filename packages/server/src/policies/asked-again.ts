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
