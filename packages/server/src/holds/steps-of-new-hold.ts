import { isWider, stepsOf, TIER_TIMES, type Evaluation, type Leaf } from "@holdpoint/core";
import { leavesOf, onlyRole, type Route } from "@holdpoint/protocol";
import type { HoldRow } from "./hold-row.ts";

const DEFAULT_END: Route = { role: "manager" };

/**
 * What a new hold carries for the time in which nobody decides, and for finding it in people's lists.
 *
 * The ladder's end is asked once the response target has passed; where it lets people in whom the route does not, only if
 * `onTimeout` escalates, or the policy names it and nobody has named who decides this: silence alone never widens that.
 */
export function stepsOfNewHold(evaluation: Evaluation): Pick<HoldRow, "ladder" | "step_seconds" | "askable"> {
  const { route, tier, respondSeconds, timeoutSeconds, onTimeout } = evaluation;
  const end = evaluation.ladder ?? {
    route: DEFAULT_END,
    timeoutSeconds: TIER_TIMES.escalation.timeoutSeconds,
  };
  const wider = isWider(end.route, route);
  const isNamed = evaluation.ladder !== undefined && evaluation.hasOwnRoute !== true;
  const isMeant = isNamed || onTimeout === "escalate" || !wider;
  const isAsked = isMeant && tier !== "escalation" && respondSeconds < timeoutSeconds;
  // Business hours give parts of a second; steps are whole ones.
  const ladder = { ...end, askAfterSeconds: isAsked ? Math.ceil(respondSeconds) : null, isWider: wider };
  const steps = stepsOf(route, ladder).map(({ afterSeconds }) => afterSeconds);
  const isPlain = onlyRole(route) !== null && !(isAsked && wider);
  return {
    ladder: isAsked || onTimeout === "escalate" ? ladder : null,
    // Ascending: create_hold_v1 takes the first for the next.
    step_seconds: steps.length === 0 ? null : [...new Set(steps)],
    askable: isPlain
      ? null
      : [...new Set([...leavesOf(route), ...(isAsked ? leavesOf(ladder.route) : [])].map(nameOf))],
  };
}

/** As `askable_v1` writes what a person is meant by. */
function nameOf(leaf: Leaf): string {
  if ("role" in leaf) return `role:${leaf.role}`;
  if ("group" in leaf) return `group:${leaf.group}`;
  if ("rotation" in leaf) return `rotation:${leaf.rotation}`;
  return `user:${leaf.user.startsWith("mem_") ? leaf.user : leaf.user.trim().toLowerCase()}`;
}
