import type {
  Effect,
  JsonObject,
  OnTimeout,
  Policy,
  Preset,
  Reason,
  Reversibility,
  Impact,
  Rule,
} from "@holdpoint/protocol";
import { classify, type Classification, type Confirmation } from "./classify.ts";
import { conditionCompiler, type Condition } from "./condition.ts";
import { conditionFacts, type ConditionFacts } from "./condition-facts.ts";
import { TIER_TIMES } from "../holds/deadline.ts";
import { applyEffect, strictestHandling } from "./evaluate-policy.ts";
import type { Evaluation, PolicyFacts } from "./evaluation.ts";
import { isNarrowerRoute } from "./narrower-route.ts";
import { compilePreset, type CompiledPreset } from "./presets.ts";

/** A tool as far as a policy needs it. */
export interface ToolFacts {
  name: string;
  reversibility?: Reversibility | undefined;
  impact?: Impact | undefined;
  /** `function`: known only for a call. */
  requiresConfirmation?: Confirmation | "function" | undefined;
  handles?: readonly string[] | undefined;
  timeoutSeconds?: number | undefined;
  onTimeout?: OnTimeout | undefined;
  /** JSON schema of its arguments. */
  argumentsSchema?: JsonObject | undefined;
}

/** A policy that is ready to be asked. */
export interface CompiledPolicy {
  /** Whether an action is held, and how. Never throws: what cannot be evaluated is held at the strictest (I10). */
  evaluate(facts: PolicyFacts): Evaluation;
  /** Whether a rule for this tool asks whether an action is the first of its kind: only then it need be looked up. */
  needsFirstTime(toolName: string): boolean;
}

interface CompiledRule {
  rule: Rule;
  effect: Effect;
  agents: ReadonlySet<string> | undefined;
  preset: CompiledPreset | undefined;
  condition: Condition | undefined;
  /** Why it can never be evaluated; where it might match, the action is held. */
  problem: string | undefined;
  needsFirstTime: boolean;
}

/**
 * Compiles a policy, with its rules indexed by tool. Never throws: a rule whose condition is wrong holds every action
 * that it might be about. `checkPolicy` says what is wrong before.
 */
export function compilePolicy(policy: Policy, tools: readonly ToolFacts[] = []): CompiledPolicy {
  const rules = compileRules(policy);
  const schemas = new Map(tools.map(({ name, argumentsSchema }) => [name, argumentsSchema]));
  const rulesOf = indexByTool(rules);

  function decide(facts: PolicyFacts): Evaluation {
    const found = classifyFacts(facts);
    const asked = askedOf(facts, found, schemas.get(facts.action.name));
    let unknown: Evaluation | undefined;
    for (const compiled of rulesOf(facts.action.name)) {
      try {
        const match = matchOf(compiled, asked);
        if (match === undefined) continue;
        const { rule, effect } = compiled;
        const reasons = [reasonFor(rule, match.why)];
        const decided = applyEffect({ policy, facts, found, effect, rule: rule.id, reasons });
        return unknown === undefined ? decided : atLeast(unknown, decided, policy.groups);
      } catch (error) {
        unknown ??= holdStrictly(policy, facts, found, compiled, error);
      }
    }
    return unknown ?? applyEffect({ policy, facts, found, effect: {}, rule: null, reasons: [] });
  }

  return {
    evaluate(facts) {
      try {
        return decide(facts);
      } catch (error) {
        return lastResort(error);
      }
    },
    needsFirstTime: (toolName) => rulesOf(toolName).some((rule) => rule.needsFirstTime),
  };
}

/** Rules for a tool, in their order. A list is made when its tool is first asked for, and kept where a rule names it. */
function indexByTool(rules: readonly CompiledRule[]): (toolName: string) => readonly CompiledRule[] {
  const forAny: number[] = [];
  const places = new Map<string, number[]>();
  for (const [place, { rule }] of rules.entries()) {
    if (rule.tools === undefined) forAny.push(place);
    for (const name of new Set(rule.tools)) {
      const known = places.get(name);
      if (known === undefined) places.set(name, [place]);
      else known.push(place);
    }
  }
  const rulesAt = (all: readonly number[]): CompiledRule[] =>
    all.toSorted((left, right) => left - right).flatMap((place) => rules[place] ?? []);
  const others = rulesAt(forAny);
  const lists = new Map<string, readonly CompiledRule[]>();
  return (toolName) => {
    const list = lists.get(toolName);
    if (list !== undefined) return list;
    const named = places.get(toolName);
    if (named === undefined) return others;
    const made = rulesAt([...named, ...forAny]);
    lists.set(toolName, made);
    return made;
  };
}

function compileRules(policy: Policy): CompiledRule[] {
  const compile = conditionCompiler();
  const presets = new Map<Preset, CompiledPreset>();
  const presetOf = (name: Preset): CompiledPreset => {
    const preset = presets.get(name) ?? compilePreset(name, policy.detectors);
    presets.set(name, preset);
    return preset;
  };
  return policy.rules.map((rule) => {
    const preset = rule.preset === undefined ? undefined : presetOf(rule.preset);
    let condition: Condition | undefined;
    let problem: string | undefined;
    try {
      condition = rule.when === undefined ? undefined : compile(rule.when);
    } catch (error) {
      problem = messageOf(error);
    }
    return {
      rule,
      effect: isGateNamed(rule.effect) ? rule.effect : { ...preset?.effect, ...rule.effect },
      agents: rule.agents === undefined ? undefined : new Set(rule.agents),
      preset,
      condition,
      problem,
      needsFirstTime: preset?.needsFirstTime === true || condition?.variables.has("firstTime") === true,
    };
  });
}

/** A rule that names level or tier means it: what its preset says of the other would contradict it. */
function isGateNamed({ level, tier }: Effect): boolean {
  return level !== undefined || tier !== undefined;
}

function classifyFacts({ action }: PolicyFacts): Classification {
  const { name, reversibility, impact, value, requiresConfirmation } = action;
  return classify({ name, arguments: action.arguments, reversibility, impact, value, requiresConfirmation });
}

/** An action while it is evaluated; what takes time is looked at once, and only where a rule asks. */
interface Asked {
  facts: PolicyFacts;
  found: Classification;
  conditionFacts(): ConditionFacts;
  matchOf(preset: CompiledPreset): string | undefined;
}

function askedOf(facts: PolicyFacts, found: Classification, schema: JsonObject | undefined): Asked {
  let known: ConditionFacts | undefined;
  const matches = new Map<CompiledPreset, string | undefined>();
  return {
    facts,
    found,
    conditionFacts: () => (known ??= conditionFacts(facts, found, schema)),
    matchOf(preset) {
      if (!matches.has(preset)) matches.set(preset, preset.match(facts, found));
      return matches.get(preset);
    },
  };
}

/** Whether a rule matches, and by which facts, if any. Throws where that cannot be said. */
function matchOf(
  { agents, preset, condition, problem }: CompiledRule,
  asked: Asked,
): { why: string | undefined } | undefined {
  const { facts } = asked;
  if (agents !== undefined && (facts.agentId === undefined || !agents.has(facts.agentId))) return undefined;
  const words: string[] = [];
  if (preset !== undefined) {
    const match = asked.matchOf(preset);
    if (match === undefined) return undefined;
    words.push(match.replace(/\.$/, ""));
  }
  if (problem !== undefined) throw new Error(problem);
  if (condition !== undefined) {
    if (!condition.test(asked.conditionFacts())) return undefined;
    words.push(condition.reason(asked.conditionFacts()));
  }
  return { why: words.length > 0 ? words.join(", and ") : undefined };
}

/** The rule's own words, and the facts that made it match. */
function reasonFor(rule: Rule, match: string | undefined): Reason {
  const description = rule.description?.trim().replace(/[.!:]$/, "");
  const parts = [description, match].filter((part) => part !== undefined);
  const sentence = parts.length > 0 ? parts.join(": ") : `rule ${rule.id} is for it`;
  return { rule: rule.id, text: `${sentence.charAt(0).toUpperCase()}${sentence.slice(1)}.` };
}

/** I10: nobody knows whether the rule matches, so the action is held as strictly as can be, by whom the rule names. */
function holdStrictly(
  policy: Policy,
  facts: PolicyFacts,
  found: Classification,
  { rule, effect }: CompiledRule,
  error: unknown,
): Evaluation {
  const strict = {
    policy,
    facts,
    found,
    rule: rule.id,
    reasons: [
      {
        rule: rule.id,
        text: `Rule ${rule.id} cannot be evaluated, so a person decides: ${messageOf(error)}`,
      },
    ],
  };
  const gate: Effect = {
    level: "mandatory_review",
    // Arguments that make a condition fail must not bring the action before others than those whom it escalates to.
    tier: effect.tier === "escalation" ? "escalation" : "sync_gate",
    onTimeout: "reject",
    grants: "never",
    ...(effect.quorum === undefined ? {} : { quorum: effect.quorum }),
    ...(effect.separation === undefined ? {} : { separation: effect.separation }),
    ...(effect.strength === undefined ? {} : { strength: effect.strength }),
  };
  const withoutRoute = applyEffect({ ...strict, effect: gate });
  const { route } = effect;
  const isWider = route === undefined || isNarrowerRoute(withoutRoute.route, route, policy.groups);
  return isWider ? withoutRoute : applyEffect({ ...strict, effect: { ...gate, route } });
}

/**
 * What is held because nobody knows whether a rule matches, decided by no fewer and no others than the next rule that
 * does: otherwise arguments that make a rule fail would be a way past the stricter one behind it.
 */
function atLeast(strict: Evaluation, next: Evaluation, groups: Policy["groups"]): Evaluation {
  if (!next.held) return strict;
  const handling = strictestHandling(strict, next);
  if (isNarrowerRoute(strict.route, next.route, groups)) return { ...strict, ...handling };
  const route = isNarrowerRoute(next.route, strict.route, groups)
    ? next.route
    : { allOf: [strict.route, next.route] };
  return { ...strict, ...handling, route, hasOwnRoute: true };
}

/** Not even the facts could be read. */
function lastResort(error: unknown): Evaluation {
  return {
    held: true,
    level: "mandatory_review",
    tier: "sync_gate",
    reasons: [
      {
        rule: "fail_closed",
        text: `The policy cannot be evaluated, so a person decides: ${messageOf(error)}`,
      },
    ],
    rule: null,
    route: { role: "admin" },
    quorum: { required: 1, refusals: 1 },
    separation: "requester",
    strength: "L1",
    channels: [],
    reversibility: "irreversible",
    impact: "high",
    value: null,
    timeoutSeconds: TIER_TIMES.sync_gate.timeoutSeconds,
    respondSeconds: TIER_TIMES.sync_gate.respondWithinSeconds,
    remindEverySeconds: null,
    businessHours: false,
    onTimeout: "reject",
    sample: 0,
    mayGrant: false,
  };
}

function messageOf(error: unknown): string {
  const message = error instanceof Error ? (error.message.split("\n")[0] ?? "") : String(error);
  return message.length > 300 ? `${message.slice(0, 299)}…` : message;
}
