import { TIERS, type Effect, type Policy, type PolicyFinding, type Tier } from "@holdpoint/protocol";
import { TIER_TIMES } from "../holds/deadline.ts";
import { effectsOf } from "./check-names.ts";
import type { CheckOptions } from "./check-policy.ts";
import { classify } from "./classify.ts";
import { TIER_OF_LEVEL } from "./gate-level.ts";
import { placeOf } from "./policy-misfit.ts";
import { PRESET_EFFECTS } from "./presets.ts";

/** Under this, hardly anybody sees a question before it is over. */
export const SHORT_TIMEOUT_SECONDS = 60;

/** Times that nobody can keep, silence that would release too much, and questions that nobody answered (R60 to R62). */
export function checkTimes(policy: Policy, options: CheckOptions): PolicyFinding[] {
  return [
    ...effectsOf(policy).flatMap(({ effect, path, tier }) =>
      checkEffectTimes(policy, effect, path, tier, options),
    ),
    ...options.tools.flatMap(({ name, timeoutSeconds }) =>
      timeoutSeconds === undefined ? [] : shortTimeout(timeoutSeconds, "", `Tool ${name}`, options),
    ),
    ...policy.rules.flatMap((rule, index) =>
      checkSilence(rule, placeOf("rules", index, "effect.onTimeout"), options),
    ),
    ...checkTierSilence(policy),
    ...(options.isStrict === true ? checkQuestions(policy, options) : []),
  ];
}

function checkEffectTimes(
  policy: Policy,
  effect: Effect,
  path: string,
  tier: string | undefined,
  options: CheckOptions,
): PolicyFinding[] {
  const { timeoutSeconds, respondWithinSeconds, businessHours } = effect;
  const findings =
    timeoutSeconds === undefined ? [] : shortTimeout(timeoutSeconds, `${path}.timeoutSeconds`, "It", options);
  const [named, times] = timesOf(policy, tier);
  const timeout = timeoutSeconds ?? named?.timeoutSeconds ?? times?.timeoutSeconds;
  if (respondWithinSeconds !== undefined && timeout !== undefined && timeout < respondWithinSeconds) {
    findings.push({
      severity: "error",
      code: "timeout_before_target",
      path: `${path}.respondWithinSeconds`,
      message: `People should answer within ${respondWithinSeconds} s, and the question is over after ${timeout} s.`,
      remedy: `Make timeoutSeconds at least ${respondWithinSeconds}, or the target shorter.`,
    });
  }
  if (businessHours === true && policy.businessHours === undefined) {
    findings.push({
      severity: "error",
      code: "no_business_hours",
      path: `${path}.businessHours`,
      message: "Times count in business hours, and the policy has none.",
      remedy: "Say them in the policy's `businessHours`: time zone, days, from and to.",
    });
  }
  return findings;
}

function timesOf(
  policy: Policy,
  tier: string | undefined,
): [Effect | undefined, (typeof TIER_TIMES)[Tier] | undefined] {
  const known = TIERS.find((name) => name === tier);
  if (known === undefined) return [undefined, undefined];
  return [known === "automated" ? undefined : policy.tiers[known], TIER_TIMES[known]];
}

function shortTimeout(
  seconds: number,
  path: string,
  subject: string,
  { isStrict }: CheckOptions,
): PolicyFinding[] {
  if (seconds >= SHORT_TIMEOUT_SECONDS) return [];
  return [
    {
      severity: isStrict === true ? "error" : "warning",
      code: "short_timeout",
      path,
      message: `${subject} gives people ${seconds} s, under ${SHORT_TIMEOUT_SECONDS} s: hardly anybody will have seen it.`,
      remedy: `Give at least ${SHORT_TIMEOUT_SECONDS} s.`,
    },
  ];
}

/** R96: an action that cannot be taken back is never approved by silence; where it might be asked for, that is said. */
function checkSilence(rule: Policy["rules"][number], path: string, { tools }: CheckOptions): PolicyFinding[] {
  if (rule.effect.onTimeout !== "approve") return [];
  const known = tools.filter(({ name }) => rule.tools?.includes(name) === true);
  const isKnownReversible =
    rule.tools !== undefined &&
    known.length === rule.tools.length &&
    known.every(
      ({ name, reversibility }) =>
        classify({ name, arguments: {}, reversibility }).reversibility === "reversible",
    );
  if (isKnownReversible) return [];
  const what = rule.tools === undefined ? "any tool" : rule.tools.join(", ");
  return [
    {
      severity: "error",
      code: "silence_approves",
      path,
      message: `Silence approves in rule ${rule.id}, which is about ${what}: what cannot be taken back might be among it.`,
      remedy: "Name tools that are declared reversible, or let silence reject, skip, hold or escalate.",
    },
  ];
}

function checkTierSilence({ tiers }: Policy): PolicyFinding[] {
  return Object.entries(tiers).flatMap(([tier, settings]) => {
    if (settings?.onTimeout !== "approve") return [];
    return [
      {
        severity: "error" as const,
        code: "silence_approves",
        path: placeOf("tiers", tier, "onTimeout"),
        message: `Silence approves in tier ${tier}, whatever the action: what cannot be taken back might be among it.`,
        remedy: "Say it in a rule about tools that are declared reversible.",
      },
    ];
  });
}

const QUESTIONS = {
  who: "who decides (`route`)",
  soon: "how fast people can answer (`respondWithinSeconds`)",
  until: "how long the question stays open (`timeoutSeconds`)",
  silence: "what silence means (`onTimeout`)",
} as const;

/** R62: what is gated and what triggers it stand in the rule; the rest must be said by it, its tier, or each of its tools. */
function checkQuestions(policy: Policy, { tools }: CheckOptions): PolicyFinding[] {
  return policy.rules.flatMap((rule, index) => {
    const isNamed = rule.effect.level !== undefined || rule.effect.tier !== undefined;
    const gate: Effect = isNamed || rule.preset === undefined ? rule.effect : PRESET_EFFECTS[rule.preset];
    const tier = gate.tier ?? (gate.level === undefined ? undefined : TIER_OF_LEVEL[gate.level]);
    if (tier === "automated") return [];
    const ofTier = tier === undefined ? {} : (policy.tiers[tier] ?? {});
    const ofTools = tools.filter(({ name }) => rule.tools?.includes(name) === true);
    const byTools = (member: "timeoutSeconds" | "onTimeout"): boolean =>
      ofTools.length > 0 &&
      ofTools.length === rule.tools?.length &&
      ofTools.every((tool) => tool[member] !== undefined);
    const says = (member: keyof typeof ofTier & keyof Effect): boolean =>
      (rule.effect[member] ?? ofTier[member]) !== undefined;
    const open = [
      ...(tier === undefined ? ["how it is handled (`tier`)"] : []),
      ...(says("route") ? [] : [QUESTIONS.who]),
      ...(says("respondWithinSeconds") ? [] : [QUESTIONS.soon]),
      ...(says("timeoutSeconds") || byTools("timeoutSeconds") ? [] : [QUESTIONS.until]),
      ...(says("onTimeout") || byTools("onTimeout") ? [] : [QUESTIONS.silence]),
    ];
    if (open.length === 0) return [];
    return [
      {
        severity: "error" as const,
        code: "unanswered_question",
        path: placeOf("rules", index, "effect"),
        message: `Rule ${rule.id} leaves open ${open.join(", ")}.`,
        remedy: `Say it in the rule's effect${tier === undefined ? "" : `, or for all of them in tiers.${tier}`}.`,
      },
    ];
  });
}
