import {
  DECIDING_ROLES,
  onlyRole,
  GATE_LEVELS,
  STRENGTHS,
  TIERS,
  type Effect,
  type GateLevel,
  type OnTimeout,
  type Policy,
  type Quorum,
  type Reason,
  type Route,
  type Strength,
  type Tier,
} from "@holdpoint/protocol";
import { TIER_TIMES } from "../holds/deadline.ts";
import type { Classification } from "./classify.ts";
import type { Evaluation, PolicyFacts } from "./evaluation.ts";
import { TIER_OF_LEVEL } from "./gate-level.ts";
import { isNarrowerRoute } from "./narrower-route.ts";

/** What an effect is applied to. */
export interface Applied {
  policy: Pick<Policy, "tiers" | "groups">;
  facts: PolicyFacts;
  /** What the declaration says by itself. */
  found: Classification;
  /** What decided, for the reviewer. */
  reasons: Reason[];
  rule: string | null;
  effect: Effect;
}

/** What holds an action of each tier that came out as automatic by itself. */
const LEVEL_OF_TIER = {
  automated: "auto_proceed",
  async_review: "review_if_high_value",
  sync_gate: "mandatory_review",
  escalation: "mandatory_review",
} as const satisfies Record<Tier, GateLevel>;

/**
 * Puts together what applies: the rule's effect, else the level of the declaration, else the tier's settings, else the
 * defaults. What the tool's own `requiresConfirmation` demands stays unless the rule overrides it, and whoever asks
 * may only tighten.
 */
export function applyEffect(applied: Applied): Evaluation {
  const { facts, found, effect } = applied;
  const notes: Reason[] = [];
  const wanted = gateOf(effect, found);
  const decided = keepDemand(applied, wanted);
  const gate = tightenTier(decided, facts.asked?.tier);
  const deciding: Reason[] = [];
  if (gate !== decided) {
    // What made a held action stricter comes after what held it; what held it comes first.
    const text = `Whoever asked wants tier ${gate.tier}.`;
    (decided.level === "auto_proceed" ? deciding : notes).push({ rule: "asked", text });
  }
  if (decided !== wanted) {
    const text =
      "The tool itself demands confirmation, which only a rule with overridesDeclaration takes away.";
    deciding.push({ rule: "requires_confirmation", text });
  }
  const handling = handlingOf(applied, decided.tier, gate.tier, notes);
  const held = gate.level !== "auto_proceed";
  return {
    held,
    ...gate,
    reasons: [...deciding, ...applied.reasons, ...found.reasons, ...notes].slice(0, MAX_REASONS),
    rule: applied.rule,
    ...handling,
    hasOwnRoute: effect.route !== undefined || found.role !== null || facts.asked?.route !== undefined,
    separation: effect.separation ?? "requester",
    reversibility: found.reversibility,
    impact: found.impact,
    value: facts.action.value ?? null,
    sample: held ? 0 : (effect.sample ?? 0),
    mayGrant:
      held &&
      effect.grants !== "never" &&
      (effect.grants === "allowed" || found.reversibility !== "irreversible"),
  };
}

const MAX_REASONS = 20;

interface Gate {
  level: GateLevel;
  tier: Tier;
}

/** Level and tier always agree: where a rule contradicts itself, the stricter of the two counts. */
function gateOf(effect: Effect, found: Classification): Gate {
  const level =
    effect.level ?? (effect.tier === undefined ? found.level : levelFor(effect.tier, found.level));
  const tier = effect.tier ?? TIER_OF_LEVEL[level];
  if (level === "auto_proceed" && tier !== "automated") return { level: LEVEL_OF_TIER[tier], tier };
  if (level !== "auto_proceed" && tier === "automated") return { level, tier: TIER_OF_LEVEL[level] };
  return { level, tier };
}

/** The level that the declaration gives, where the tier does not contradict it. */
function levelFor(tier: Tier, declared: GateLevel): GateLevel {
  return tier === "automated" || declared === "auto_proceed" ? LEVEL_OF_TIER[tier] : declared;
}

/** A tool that demands confirmation is confirmed, whatever a rule says without overriding it. */
function keepDemand({ facts, found, effect }: Applied, gate: Gate): Gate {
  if (!isDemanded(facts, found) || effect.overridesDeclaration === true) return gate;
  if (GATE_LEVELS.indexOf(gate.level) <= GATE_LEVELS.indexOf(found.level)) return gate;
  return { level: found.level, tier: gate.tier === "automated" ? found.tier : gate.tier };
}

function isDemanded(facts: PolicyFacts, found: Classification): boolean {
  return facts.action.requiresConfirmation !== undefined && found.held;
}

function tightenTier(gate: Gate, asked: Tier | undefined): Gate {
  if (asked === undefined || TIERS.indexOf(asked) <= TIERS.indexOf(gate.tier)) return gate;
  return { level: gate.level === "auto_proceed" ? LEVEL_OF_TIER[asked] : gate.level, tier: asked };
}

type Handling = Pick<
  Evaluation,
  | "route"
  | "quorum"
  | "strength"
  | "channels"
  | "timeoutSeconds"
  | "respondSeconds"
  | "remindEverySeconds"
  | "businessHours"
  | "onTimeout"
>;

/** Who decides, how strongly, how soon, and what silence means. */
function handlingOf(applied: Applied, decided: Tier, tier: Tier, notes: Reason[]): Handling {
  const { effect, policy, facts } = applied;
  const settings = settingsOf(applied, tier);
  const before = decided === "automated" || decided === tier ? settings : settingsOf(applied, decided);
  // A tier that was asked for must not let in people whom the policy's own tier keeps out.
  const route = narrowed(applied, keptRoute(settings.route, before.route, policy.groups), notes);
  const onTimeout = onTimeoutOf(
    applied,
    { named: stricterOnTimeout(settings.onTimeout, before.onTimeout), route },
    notes,
  );
  const releases = onTimeout.value === "approve" && !onTimeout.isOwn;
  const timeoutSeconds = releases
    ? Math.max(secondsOf(settings), secondsOf(before))
    : timeoutOf(facts.asked?.timeoutSeconds, settings);
  return {
    route,
    quorum: stricterQuorum(settings.quorum, before.quorum),
    strength: stricterStrength(settings.strength, before.strength),
    channels: settings.channels,
    timeoutSeconds: tier === "automated" ? 0 : timeoutSeconds,
    respondSeconds: tier === "automated" ? 0 : Math.min(settings.respondSeconds, timeoutSeconds),
    remindEverySeconds: settings.remindEverySeconds,
    businessHours: effect.businessHours ?? settings.businessHours,
    onTimeout: onTimeout.value,
  };
}

interface Settings {
  route: Route;
  quorum: Quorum;
  strength: Strength;
  channels: string[];
  /** What rule, tool or tier say; undefined where nobody does. */
  timeoutSeconds: number | undefined;
  defaultTimeoutSeconds: number;
  respondSeconds: number;
  remindEverySeconds: number | null;
  businessHours: boolean;
  /** What rule, tool or tier say; undefined where nobody does. */
  onTimeout: OnTimeout | undefined;
}

function settingsOf(applied: Applied, tier: Tier): Settings {
  const { effect, policy, facts } = applied;
  const own = tier === "automated" ? {} : (policy.tiers[tier] ?? {});
  const defaults = TIER_TIMES[tier] ?? { timeoutSeconds: 0, respondWithinSeconds: 0 };
  return {
    route: routeOf(applied, own.route ?? { role: tier === "escalation" ? "manager" : "reviewer" }),
    quorum: effect.quorum ?? own.quorum ?? { required: 1, refusals: 1 },
    strength: effect.strength ?? own.strength ?? "L1",
    channels: effect.channels ?? own.channels ?? [],
    timeoutSeconds: effect.timeoutSeconds ?? facts.action.timeoutSeconds ?? own.timeoutSeconds,
    defaultTimeoutSeconds: defaults.timeoutSeconds,
    respondSeconds: effect.respondWithinSeconds ?? own.respondWithinSeconds ?? defaults.respondWithinSeconds,
    remindEverySeconds: effect.remindEverySeconds ?? own.remindEverySeconds ?? null,
    businessHours: own.businessHours ?? false,
    onTimeout: effect.onTimeout ?? facts.action.onTimeout ?? own.onTimeout,
  };
}

/** A tool that names a role keeps it, unless the rule's or the tier's route is known to be narrower. */
function routeOf({ effect, found, policy }: Applied, ofTier: Route): Route {
  const wanted = effect.route ?? ofTier;
  if (found.role === null || (effect.overridesDeclaration === true && effect.route !== undefined))
    return wanted;
  const role = DECIDING_ROLES.find((name) => name === found.role);
  const declared: Route = { role: role ?? "admin" }; // a role that nobody knows is satisfied by admin alone
  return isNarrowerRoute(wanted, declared, policy.groups) ? wanted : declared;
}

function keptRoute(route: Route, before: Route, groups: Policy["groups"]): Route {
  return isNarrowerRoute(route, before, groups) ? route : before;
}

function narrowed({ facts, policy }: Applied, route: Route, notes: Reason[]): Route {
  const asked = facts.asked?.route;
  if (asked === undefined) return route;
  if (isNarrowerRoute(asked, route, policy.groups)) return asked;
  if (onlyRole(asked) === null || onlyRole(route) === null) return { allOf: [route, asked] };
  notes.push({
    rule: "asked",
    text: "The role that was asked for is wider than the policy's own, which counts.",
  });
  return route;
}

/**
 * Whether silence may mean what whoever asks wants: only where that releases nothing that the policy would not, and lets
 * in nobody whom it keeps out.
 */
function onTimeoutOf(
  { facts, found, rule, policy }: Applied,
  { named, route }: { named: OnTimeout | undefined; route: Route },
  notes: Reason[],
): { value: OnTimeout; isOwn: boolean } {
  const asked = facts.asked?.onTimeout;
  const mayRelease =
    named === "approve" || (named === undefined && rule === null && !isDemanded(facts, found));
  if (asked === "approve" && !mayRelease)
    notes.push({ rule: "asked", text: "Whoever asked wants silence to approve, which the policy does not." });
  const end = policy.tiers.escalation?.route ?? { role: "manager" };
  const letsIn = asked === "escalate" && named !== "escalate" && !isNarrowerRoute(end, route, policy.groups);
  if (letsIn)
    notes.push({
      rule: "asked",
      text: "Whoever asked wants silence to escalate, to people whom the policy does not ask for this.",
    });
  const isTaken = asked !== undefined && (asked !== "approve" || mayRelease) && !letsIn;
  const value = (isTaken ? asked : named) ?? "reject";
  if (value !== "approve" || found.reversibility === "reversible")
    return { value, isOwn: asked === "approve" && named !== "approve" };
  notes.push({
    rule: "on_timeout",
    text: `Silence approves only what can be taken back; this is ${found.reversibility.replace("_", " ")}, so it rejects.`,
  });
  return { value: "reject", isOwn: false };
}

/**
 * Who asks may shorten what the policy says, and may say what nobody else does. It is not asked where silence approves
 * by the policy's word: a shorter time would release sooner.
 */
function timeoutOf(asked: number | undefined, settings: Settings): number {
  if (asked === undefined || !(asked >= 1) || asked === Infinity) return secondsOf(settings);
  return Math.min(asked, settings.timeoutSeconds ?? asked);
}

function secondsOf(settings: Settings): number {
  return settings.timeoutSeconds ?? settings.defaultTimeoutSeconds;
}

/** Of two that hold: the stricter of each that says who decides how, but for the route. */
export function strictestHandling(
  left: Evaluation,
  right: Evaluation,
): Pick<Evaluation, "tier" | "quorum" | "strength" | "separation"> {
  return {
    tier: TIERS.indexOf(left.tier) >= TIERS.indexOf(right.tier) ? left.tier : right.tier,
    quorum: stricterQuorum(left.quorum, right.quorum),
    strength: stricterStrength(left.strength, right.strength),
    separation: left.separation === "requester" ? right.separation : left.separation,
  };
}

function stricterOnTimeout(left: OnTimeout | undefined, right: OnTimeout | undefined): OnTimeout | undefined {
  return left === "approve" && right !== "approve" ? (right ?? "reject") : left;
}

function stricterQuorum(left: Quorum, right: Quorum): Quorum {
  return {
    required: Math.max(left.required, right.required),
    refusals: Math.min(left.refusals, right.refusals),
  };
}

function stricterStrength(left: Strength, right: Strength): Strength {
  return STRENGTHS.indexOf(left) >= STRENGTHS.indexOf(right) ? left : right;
}
