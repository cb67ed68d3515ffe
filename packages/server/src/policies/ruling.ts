import { realSeconds, TIER_TIMES, type Evaluation, type PolicyFacts } from "@holdpoint/core";
import { createId, type JsonObject } from "@holdpoint/protocol";
import type { Logger } from "pino";
import { failClosed } from "./fail-closed.ts";
import type { GrantRow } from "./grants/grant-row.ts";
import { heldBySwitches, heldSince, switchesOver } from "./kill-switch.ts";
import type { PolicyInForce, PolicyStore } from "./policy-store.ts";
import type { Sampling } from "./samples/sampling.ts";
import { storedFacts } from "./stored-facts.ts";

/** Standing permissions for what would be held. */
export interface StandingPermissions {
  /**
   * The permission that covers this action; read and remembered under the policy's revision, like the policy. `except`:
   * those that the database has refused for it.
   */
  find(
    orgId: string,
    facts: PolicyFacts,
    evaluation: Evaluation,
    under: { revision: number; except: ReadonlySet<string> },
  ): Promise<FoundPermission | undefined>;
  /** What is left of one after a use. */
  used(orgId: string, row: GrantRow): void;
  /** The database has refused one: what is remembered is old. */
  spent(orgId: string): void;
}

export interface FoundPermission {
  grantId: string;
  reason: string;
}

/** With whom which tool has dealt before. */
export interface Counterparties {
  isFirstTime(orgId: string, tool: string, counterparty: string): Promise<boolean>;
}

/** What an evaluation needs besides the policy. */
export interface PolicyDeps {
  policies: PolicyStore;
  /** Default: there is none. */
  permissions?: StandingPermissions | undefined;
  /** Default: everybody is new. */
  counterparties?: Counterparties | undefined;
  /** Which of what proceeds by itself is judged afterwards. Default: nothing. */
  sampling?: Sampling | undefined;
  logger: Pick<Logger, "error">;
}

/** The policy's word on one action, and under which revision it was said. */
export interface Ruling {
  evaluation: Evaluation;
  policyVersion: number;
  policyRevision: number;
  /** What the policy was asked about, as hold and event keep it. */
  facts: JsonObject;
  /** What the version that runs beside would have done; null where there is none. */
  shadow: JsonObject | null;
  /** The standing permission that lets the action through. */
  grantId: string | null;
  /** Under which id it is kept for people to judge, should it proceed. */
  sampleId: string | null;
  /** Since when a kill-switch is over it: what was approved before that counts no more. */
  heldSince: string | undefined;
}

/** What a hot function is told of the policy that was asked. */
export function underRuling(ruling: Ruling | undefined): JsonObject {
  if (ruling === undefined) return {};
  const { evaluation, policyVersion, policyRevision, facts, shadow, grantId, sampleId } = ruling;
  return {
    policyVersion,
    policyRevision,
    rule: evaluation.rule,
    level: evaluation.level,
    facts,
    shadow,
    grantId,
    sampleId,
    separation: evaluation.separation,
  };
}

/** What the policy is asked about. */
export interface RulingSubject {
  orgId: string;
  facts: PolicyFacts;
  problem?: string | undefined;
  /** Standing permissions that the database has refused for this action. */
  withoutGrants?: ReadonlySet<string> | undefined;
  /** The agents on whose behalf its agent acts: what holds them holds it. */
  callers?: readonly string[] | undefined;
}

const NONE: ReadonlySet<string> = new Set();

/**
 * Asks the policy about an action. Total: what cannot be found out is held, with the reason. `problem` says that a
 * function of the config file failed: then the action is held whatever a rule says.
 */
export async function ruleOn(
  deps: PolicyDeps,
  policy: PolicyInForce,
  subject: RulingSubject,
): Promise<Ruling> {
  const { orgId, problem } = subject;
  const facts = { ...subject.facts, ...(await firstTimeOf(deps, policy, orgId, subject.facts)) };
  const evaluated = inRealTime(policy, policy.compiled.evaluate(facts), facts.now);
  let evaluation = problem === undefined ? evaluated : failClosed(evaluated, problem);
  const thrown = switchesOver(policy.switches, facts, subject.callers);
  evaluation = heldBySwitches(evaluation, thrown);
  let grantId: string | null = null;
  if (evaluation.held && evaluation.mayGrant && problem === undefined) {
    const granted = await permissionFor(deps, policy, { ...subject, facts }, evaluation);
    if (granted !== undefined) {
      grantId = granted.grantId;
      const reasons = [...evaluation.reasons, { rule: "grant", text: granted.reason }];
      evaluation = { ...evaluation, held: false, tier: "automated", reasons };
    }
  }
  return {
    evaluation,
    policyVersion: policy.version,
    policyRevision: policy.revision,
    facts: storedFacts(facts, problem),
    shadow: shadowOf(policy, facts, evaluation),
    grantId,
    sampleId: deps.sampling?.draw(evaluation.sample) === true ? createId("smp") : null,
    heldSince: heldSince(thrown),
  };
}

/** Costs a look-up only for what would be held, and only after a change. What cannot be looked up is held. */
async function permissionFor(
  deps: PolicyDeps,
  policy: PolicyInForce,
  { orgId, facts, withoutGrants }: RulingSubject,
  evaluation: Evaluation,
): Promise<FoundPermission | undefined> {
  try {
    const under = { revision: policy.revision, except: withoutGrants ?? NONE };
    return await deps.permissions?.find(orgId, facts, evaluation, under);
  } catch (error) {
    deps.logger.error({ err: error }, `Whether a grant covers ${facts.action.name} is unknown; it is held.`);
    return undefined;
  }
}

/** With what only the whole document says: business hours as seconds of the clock, and the end of the ladder. */
function inRealTime({ settings }: PolicyInForce, evaluation: Evaluation, now: string): Evaluation {
  if (!evaluation.held) return evaluation;
  const hours = evaluation.businessHours ? settings.businessHours : undefined;
  const real = (seconds: number): number =>
    hours === undefined ? seconds : realSeconds(now, seconds, hours);
  const { route, timeoutSeconds } = settings.tiers.escalation ?? {};
  const respondSeconds = real(evaluation.respondSeconds);
  return {
    ...evaluation,
    respondSeconds,
    timeoutSeconds: Math.max(respondSeconds, real(evaluation.timeoutSeconds)),
    ...(route !== undefined && {
      ladder: { route, timeoutSeconds: real(timeoutSeconds ?? TIER_TIMES.escalation.timeoutSeconds) },
    }),
  };
}

/** Costs a look-up only where a rule asks for it. */
async function firstTimeOf(
  deps: PolicyDeps,
  policy: PolicyInForce,
  orgId: string,
  { action, isFirstTime }: PolicyFacts,
): Promise<{ isFirstTime?: boolean }> {
  if (isFirstTime !== undefined || !policy.compiled.needsFirstTime(action.name)) return {};
  if (action.counterparty === undefined || deps.counterparties === undefined) return { isFirstTime: true };
  try {
    return { isFirstTime: await deps.counterparties.isFirstTime(orgId, action.name, action.counterparty) };
  } catch (error) {
    deps.logger.error(
      { err: error },
      `Whether ${action.name} dealt with its counterparty before is unknown.`,
    );
    return { isFirstTime: true };
  }
}

/** Whatever becomes of it, nothing waits for it and nothing fails over it. */
function shadowOf(policy: PolicyInForce, facts: PolicyFacts, actual: Evaluation): JsonObject | null {
  const { shadow } = policy;
  if (shadow === undefined) return null;
  try {
    if (shadow.compiled === undefined) throw new Error("it cannot be compiled");
    const { held, tier, level, rule, route, quorum, strength } = shadow.compiled.evaluate(facts);
    return {
      version: shadow.version,
      held,
      actuallyHeld: actual.held,
      tier,
      level,
      rule,
      route: route as unknown as JsonObject,
      quorum: { ...quorum },
      strength,
    };
  } catch (error) {
    return {
      version: shadow.version,
      error: error instanceof Error ? error.message : String(error),
      actuallyHeld: actual.held,
    };
  }
}
