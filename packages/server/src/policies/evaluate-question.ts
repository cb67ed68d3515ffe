import { TIER_TIMES, type Evaluation } from "@holdpoint/core";
import type { CreateHold, Reason } from "@holdpoint/protocol";
import { checkOnTimeout } from "./asked.ts";

/** What applies to a hold that is no action: a question, a sign-in, an escalation. */
export function evaluateQuestion(
  kind: "clarification" | "authorization" | "escalation",
  asked: Pick<Partial<CreateHold>, "tier" | "route" | "timeoutSeconds" | "onTimeout" | "remindEverySeconds">,
  reasons: Reason[],
): Evaluation {
  const wanted = asked.tier === "automated" ? undefined : asked.tier;
  const tier = wanted ?? (kind === "escalation" ? "escalation" : "async_review");
  const times = TIER_TIMES[tier];
  const timeoutSeconds = asked.timeoutSeconds ?? times.timeoutSeconds;
  const onTimeout = asked.onTimeout ?? "reject";
  checkOnTimeout(onTimeout, null);
  return {
    held: true,
    level: "mandatory_review",
    tier,
    reasons,
    rule: null,
    route: asked.route ?? { role: "reviewer" },
    quorum: { required: 1, refusals: 1 },
    separation: "requester",
    strength: "L1",
    channels: [],
    reversibility: null,
    impact: null,
    value: null,
    timeoutSeconds,
    respondSeconds: Math.min(times.respondWithinSeconds, timeoutSeconds),
    remindEverySeconds: asked.remindEverySeconds ?? null,
    businessHours: false,
    onTimeout,
    sample: 0,
    mayGrant: false,
  };
}
