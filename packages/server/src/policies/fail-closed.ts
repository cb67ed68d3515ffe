import { TIER_TIMES, type CompiledPolicy, type Evaluation } from "@holdpoint/core";

/** The strictest word on an action, with the reason why nothing better can be said (I10). Held stays as strictly held. */
export function failClosed(evaluation: Evaluation, text: string, rule = "fail_closed"): Evaluation {
  const reasons = [...evaluation.reasons, { rule, text }];
  // Silence releases nothing that nobody could judge.
  const onTimeout = evaluation.onTimeout === "approve" ? "reject" : evaluation.onTimeout;
  if (evaluation.held && evaluation.level === "mandatory_review")
    return { ...evaluation, onTimeout, reasons, mayGrant: false };
  const { timeoutSeconds, respondWithinSeconds } = TIER_TIMES.sync_gate;
  return {
    ...evaluation,
    held: true,
    level: "mandatory_review",
    tier: "sync_gate",
    timeoutSeconds,
    respondSeconds: respondWithinSeconds,
    onTimeout,
    mayGrant: false,
    reasons,
  };
}

/** What stands in for a policy that cannot be evaluated. */
export function holdsEverything(fallback: CompiledPolicy, problem: string): CompiledPolicy {
  return {
    evaluate: (facts) => failClosed(fallback.evaluate(facts), problem),
    needsFirstTime: () => false,
  };
}
