import { classify, narrowed, TIER_TIMES, type Confirmation, type Evaluation } from "@holdpoint/core";
import {
  DECIDES_FOR,
  DECIDING_ROLES,
  onlyRole,
  type Impact,
  type JsonObject,
  type OnTimeout,
  type Reason,
  type Reversibility,
  type Role,
  type Route,
  type Tier,
} from "@holdpoint/protocol";
import { ProblemError } from "../problem.ts";

/** An action as the policy looks at it. */
export interface ProposedAction {
  name: string;
  arguments: JsonObject;
  reversibility?: Reversibility | undefined;
  impact?: Impact | undefined;
  value?: number | undefined;
  requiresConfirmation?: Confirmation | undefined;
  /** What the asker wants beyond the defaults of its tier. */
  tier?: Tier | undefined;
  route?: Route | undefined;
  timeoutSeconds?: number | undefined;
  onTimeout?: OnTimeout | undefined;
}

/** Evaluates an action by its declaration and the default map. Rules as data come with the policy's own issue. */
export function evaluateAction(action: ProposedAction): Evaluation {
  const found = classify({
    name: action.name,
    arguments: action.arguments,
    reversibility: action.reversibility,
    impact: action.impact,
    value: action.value,
    requiresConfirmation: action.requiresConfirmation,
  });
  return {
    ...withTimes(found.held ? (askedTier(action) ?? found.tier) : found.tier, action),
    held: found.held,
    level: found.level,
    reasons: found.reasons,
    route: narrower(action.route, { role: routeRole(found.role) }),
    reversibility: found.reversibility,
    impact: found.impact,
    value: action.value ?? null,
    onTimeout: checkOnTimeout(action.onTimeout ?? "reject", found.reversibility),
    ...UNRULED,
  };
}

/** What applies to a hold that is no action: a question, a sign-in, an escalation. */
export function evaluateQuestion(
  kind: "clarification" | "authorization" | "escalation",
  asked: Pick<ProposedAction, "tier" | "route" | "timeoutSeconds" | "onTimeout">,
  reasons: Reason[],
): Evaluation {
  return {
    ...withTimes(askedTier(asked) ?? (kind === "escalation" ? "escalation" : "async_review"), asked),
    held: true,
    level: "mandatory_review",
    reasons,
    route: asked.route ?? { role: "reviewer" },
    reversibility: null,
    impact: null,
    value: null,
    onTimeout: checkOnTimeout(asked.onTimeout ?? "reject", null),
    ...UNRULED,
  };
}

/** What only rules change. */
const UNRULED = {
  rule: null,
  quorum: { required: 1, refusals: 1 },
  separation: "requester",
  strength: "L1",
  channels: [],
  remindEverySeconds: null,
  sample: 0,
  mayGrant: false,
} satisfies Partial<Evaluation>;

/** Nobody who asks may say that nobody needs to look: "automated" would end a hold the moment it is made. */
function askedTier({ tier }: Pick<ProposedAction, "tier">): Tier | undefined {
  return tier === "automated" ? undefined : tier;
}

/** Who asks may narrow who decides, never widen it. */
function narrower(asked: Route | undefined, declared: Route): Route {
  if (asked === undefined) return declared;
  const [askedRole, declaredRole] = [onlyRole(asked), onlyRole(declared)];
  if (askedRole === null || declaredRole === null) return narrowed(declared, asked);
  const mayDecide: readonly Role[] = DECIDES_FOR[declaredRole];
  if (DECIDES_FOR[askedRole].every((role) => mayDecide.includes(role))) return asked;
  throw new ProblemError(
    "invalid_request",
    `The route names ${askedRole}, and this action is declared to need ${declaredRole}. Leave the route out, or name a narrower one.`,
    { errors: [{ path: "route.role", message: `is wider than ${declaredRole}` }] },
  );
}

/** Custom roles come with the identity's own issue; until then a tool names one of the roles that there are. */
function routeRole(role: string | null): (typeof DECIDING_ROLES)[number] {
  if (role === null) return "reviewer";
  const known = DECIDING_ROLES.find((name) => name === role);
  if (known !== undefined) return known;
  throw new ProblemError(
    "unsupported",
    `requiresConfirmation names the role "${role}", which does not exist. Use reviewer, manager, operator or admin.`,
  );
}

function withTimes(
  tier: Tier,
  asked: Pick<ProposedAction, "timeoutSeconds">,
): Pick<Evaluation, "tier" | "timeoutSeconds" | "respondSeconds"> {
  const times = TIER_TIMES[tier] ?? { timeoutSeconds: 0, respondWithinSeconds: 0 };
  const timeoutSeconds = asked.timeoutSeconds ?? times.timeoutSeconds;
  return { tier, timeoutSeconds, respondSeconds: Math.min(times.respondWithinSeconds, timeoutSeconds) };
}

/** Silence may release only what can be taken back (I6, R96). */
function checkOnTimeout(onTimeout: OnTimeout, reversibility: Reversibility | null): OnTimeout {
  if (onTimeout === "approve" && reversibility !== "reversible") {
    throw new ProblemError(
      "invalid_request",
      `onTimeout "approve" is only taken for a reversible action; this one is ${reversibility ?? "no action"}.`,
      {
        errors: [{ path: "onTimeout", message: "approve needs a reversible action" }],
      },
    );
  }
  return onTimeout;
}
