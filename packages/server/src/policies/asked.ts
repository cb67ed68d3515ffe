import { isNarrowerRoute, type Evaluation, type PolicyFacts } from "@holdpoint/core";
import { onlyRole, routeInWords, type CreateHold, type Route } from "@holdpoint/protocol";
import { ProblemError } from "../problem.ts";

export type Asked = NonNullable<PolicyFacts["asked"]>;

/** What a request wants beyond the policy; undefined when it wants nothing. */
export function askedOf(
  body: Pick<CreateHold, "tier" | "route" | "timeoutSeconds" | "onTimeout">,
): Asked | undefined {
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
function checkRoute(asked: Route, given: Route): void {
  if (isNarrowerRoute(asked, given)) return;
  const [askedRole, givenRole] = [onlyRole(asked), onlyRole(given)];
  if (askedRole === null || givenRole === null) {
    throw new ProblemError(
      "unsupported",
      `The route asks for ${routeInWords(asked)}, and it is not known to be narrower than the action's own: ${routeInWords(given)}. Leave the route out, or name a narrower role.`,
    );
  }
  throw new ProblemError(
    "invalid_request",
    `The route names ${askedRole}, and this action is declared to need ${givenRole}. Leave the route out, or name a narrower one.`,
    { errors: [{ path: "route.role", message: `is wider than ${givenRole}` }] },
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
}
