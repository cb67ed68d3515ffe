import type { Evaluation, PolicyFacts } from "@holdpoint/core";
import { DECIDES_FOR, onlyRole, type CreateHold, type Role, type Route } from "@holdpoint/protocol";
import { ProblemError } from "../problem.ts";

export type Asked = NonNullable<PolicyFacts["asked"]>;

/** What a request wants beyond the policy; undefined when it wants nothing. */
export function askedOf(body: Pick<CreateHold, "tier" | "route" | "timeoutSeconds" | "onTimeout">): Asked | undefined {
  // Nobody who asks may say that nobody needs to look: "automated" would end a hold the moment it is made.
  const tier = body.tier === "automated" ? undefined : body.tier;
  const { route, timeoutSeconds, onTimeout } = body;
  if (tier === undefined && route === undefined && timeoutSeconds === undefined && onTimeout === undefined)
    return undefined;
  return { tier, route, timeoutSeconds, onTimeout };
}

/** Refuses a wish that would loosen what `evaluation` says without it, so that nobody takes it for granted. */
export function checkAsked(evaluation: Evaluation, asked: Asked): void {
  if (asked.route !== undefined) checkRoute(asked.route, evaluation.route);
  if (asked.onTimeout !== undefined) checkOnTimeout(asked.onTimeout, evaluation.reversibility);
}

/** Who asks may narrow who decides, never widen it. */
function checkRoute(asked: Route, declared: Route): void {
  const [askedRole, declaredRole] = [onlyRole(asked), onlyRole(declared)];
  if (askedRole === null || declaredRole === null) {
    throw new ProblemError(
      "unsupported",
      askedRole === null
        ? "A caller may ask for a role only. Name one, or leave the route out."
        : "The policy gives this action a route of its own, which no role of a caller's narrows. Leave the route out.",
    );
  }
  const mayDecide: readonly Role[] = DECIDES_FOR[declaredRole];
  if (DECIDES_FOR[askedRole].every((role) => mayDecide.includes(role))) return;
  throw new ProblemError(
    "invalid_request",
    `The route names ${askedRole}, and this action is declared to need ${declaredRole}. Leave the route out, or name a narrower one.`,
    { errors: [{ path: "route.role", message: `is wider than ${declaredRole}` }] },
  );
}

/** Silence may release only what can be taken back (I6, R96). */
export function checkOnTimeout(
  onTimeout: Evaluation["onTimeout"],
  reversibility: Evaluation["reversibility"],
): void {
  if (onTimeout === "approve" && reversibility !== "reversible") {
    throw new ProblemError(
      "invalid_request",
      `onTimeout "approve" is only taken for a reversible action; this one is ${reversibility ?? "no action"}.`,
      { errors: [{ path: "onTimeout", message: "approve needs a reversible action" }] },
    );
  }
  if (onTimeout === "escalate") {
    throw new ProblemError(
      "unsupported",
      `onTimeout "escalate" needs routes with steps, which this version does not offer. Use reject, skip or hold.`,
      { errors: [{ path: "onTimeout", message: "escalate is not offered" }] },
    );
  }
}
