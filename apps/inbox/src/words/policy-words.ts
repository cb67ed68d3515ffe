import {
  routeInWords,
  type GateLevel,
  type OnTimeout,
  type PolicyInput,
  type Preset,
  type Route,
  type Separation,
  type Tier,
} from "@holdpoint/protocol";
import { formatDuration } from "@holdpoint/react/words";
import { STRENGTH } from "./strength.ts";

export type RuleInput = NonNullable<PolicyInput["rules"]>[number];
export type EffectInput = NonNullable<RuleInput["effect"]>;

export const LEVEL: Record<GateLevel, string> = {
  mandatory_review: "a person always decides",
  review_if_high_value: "a person decides where the value is high",
  auto_proceed: "proceeds by itself",
};

/** A tier, as a condition of the sentence `it is …`. */
export const TIER_MEANS: Record<Tier, string> = {
  automated: "automatic",
  async_review: "for review",
  sync_gate: "at a gate, where the agent waits",
  escalation: "escalated",
};

const SEPARATION: Record<Separation, string> = {
  requester: "not whoever asked for it",
  starter: "not whoever started the run",
  strict: "nobody who asked for it, operator keys included",
};

/** After `if nobody decides: `. */
export const AFTER_SILENCE: Record<OnTimeout, string> = {
  reject: "nothing is executed",
  skip: "it is left out, and the agent goes on",
  hold: "it goes on waiting",
  escalate: "it moves up to the next in line",
  approve: "it is approved by itself",
};

export const PRESET: Record<Preset, string> = {
  high_value_transaction: "the value is high",
  personal_data: "it handles personal data",
  irreversible_action: "it cannot be undone",
  regulatory: "it is regulated",
  first_time_service: "it is the first time with whom it deals",
  low_confidence: "the agent is not sure enough",
  public_query: "it only asks for what is public",
  low_value_routine: "it is routine of low value",
};

export function seconds(count: number): string {
  return formatDuration(count * 1_000);
}

/** `2 of them must approve the same, 1 no ends it`. */
export function quorumInWords({
  required = 1,
  refusals = 1,
}: {
  required?: number | undefined;
  refusals?: number | undefined;
}): string {
  const yes = required === 1 ? "1 approval is enough" : `${required} must approve the same`;
  return refusals === 1 ? yes : `${yes}, ${refusals} noes end it`;
}

/** What an effect does, phrase by phrase, in the order in which people ask. Empty where it leaves all to others. */
export function effectInWords(effect: EffectInput): string[] {
  const { level, tier, route, quorum, separation, strength, channels, sample } = effect;
  const times = [
    effect.respondWithinSeconds === undefined
      ? undefined
      : `answered within ${seconds(effect.respondWithinSeconds)}`,
    effect.timeoutSeconds === undefined ? undefined : `ends after ${seconds(effect.timeoutSeconds)}`,
    effect.onTimeout === undefined ? undefined : `if nobody decides, ${AFTER_SILENCE[effect.onTimeout]}`,
    effect.remindEverySeconds === undefined
      ? undefined
      : `reminds every ${seconds(effect.remindEverySeconds)}`,
    effect.businessHours === true ? "counted in business hours" : undefined,
  ];
  return [
    level === undefined ? undefined : LEVEL[level],
    tier === undefined ? undefined : TIER_MEANS[tier],
    route === undefined ? undefined : `asks ${routeInWords(route as Route)}`,
    quorum === undefined ? undefined : quorumInWords(quorum),
    separation === undefined ? undefined : SEPARATION[separation],
    strength === undefined ? undefined : `decided ${STRENGTH[strength]}`,
    ...times,
    channels === undefined ? undefined : `told over ${channels.join(", ")}`,
    sample === undefined ? undefined : `${Math.round(sample * 1_000) / 10} % reviewed afterwards`,
    effect.grants === "allowed" ? "may be let through by a grant" : undefined,
    effect.grants === "never" ? "never let through by a grant" : undefined,
    effect.overridesDeclaration === true ? "even where the tool asks for a person" : undefined,
  ].filter((phrase) => phrase !== undefined);
}
