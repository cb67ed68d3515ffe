import { compareInstants } from "../instant.ts";
import { STRENGTHS, type Quorum, type Route, type Strength } from "@holdpoint/protocol";
import type { Condition } from "./condition.ts";
import type { ConditionFacts } from "./condition-facts.ts";
import type { Evaluation, PolicyFacts } from "./evaluation.ts";
import { isNarrowerRoute } from "./narrower-route.ts";

/** A standing permission, as far as it is looked at to see what it covers. */
export interface GrantTerms {
  tool: string;
  /** Compiled; undefined: any call of the tool. */
  condition: Condition | undefined;
  /** Null: any. */
  agentId: string | null;
  endUserId: string | null;
  expiresAt: string;
  /** Null: as often as wanted until it expires. */
  usesLeft: number | null;
  /** Of `action.value`; null: none counted. */
  budgetLeft: number | null;
  isRevoked: boolean;
  /** What the decision that it continues has satisfied: nothing that asks for more is covered. */
  route: Route;
  quorumRequired: number;
  strength: Strength;
}

/**
 * Whether a standing permission lets this action proceed. The database checks again, in the transaction of the use,
 * what may have changed since: revoked, expired, uses, budget.
 *
 *  - Only what the policy lets grants do (`mayGrant`), and nothing that whoever asks wants a person to see.
 *  - Only what the decision that it continues would have been enough for: route, quorum, strength.
 *  - What cannot be evaluated is not covered (I10).
 */
export function grantCovers(
  grant: GrantTerms,
  facts: PolicyFacts,
  evaluation: Pick<Evaluation, "mayGrant" | "route" | "quorum" | "strength">,
  conditionFacts: () => ConditionFacts,
): boolean {
  const { action, asked } = facts;
  if (!evaluation.mayGrant || asked?.tier !== undefined || asked?.route !== undefined) return false;
  if (grant.tool !== action.name) return false;
  if (grant.agentId !== null && grant.agentId !== facts.agentId) return false;
  if (grant.endUserId !== null && grant.endUserId !== facts.endUserId) return false;
  if (!isLeft(grant, facts) || !isEnough(grant, evaluation)) return false;
  if (grant.condition === undefined) return true;
  try {
    return grant.condition.test(conditionFacts());
  } catch {
    return false;
  }
}

function isLeft(grant: GrantTerms, { action, now }: PolicyFacts): boolean {
  if (grant.isRevoked || compareInstants(grant.expiresAt, now) <= 0) return false;
  if (grant.usesLeft !== null && grant.usesLeft < 1) return false;
  if (grant.budgetLeft === null) return true;
  // An action without a value has no place in a budget, and a negative one must not fill it up.
  return action.value !== undefined && action.value >= 0 && action.value <= grant.budgetLeft;
}

function isEnough(
  grant: GrantTerms,
  { route, quorum, strength }: { route: Route; quorum: Quorum; strength: Strength },
): boolean {
  return (
    quorum.required <= grant.quorumRequired &&
    STRENGTHS.indexOf(strength) <= STRENGTHS.indexOf(grant.strength) &&
    isNarrowerRoute(grant.route, route)
  );
}
