import type { Effect, Policy, Preset } from "@holdpoint/protocol";
import type { Classification } from "./classify.ts";
import { UNKNOWN_CONFIDENCE } from "./condition-facts.ts";
import { HANDLES, personalDataDetector, regulatedDetector } from "./detectors.ts";
import type { PolicyFacts } from "./evaluation.ts";
import { HIGH_VALUE } from "./gate-level.ts";

/** Strictly below this, what an agent says is not relied on (R73: medium stakes). */
export const LOW_CONFIDENCE = 0.65;

export interface CompiledPreset {
  /** What it does to what it matches; a rule's own effect wins over it. */
  effect: Effect;
  needsFirstTime: boolean;
  /** Why it matches, in words; undefined where it does not. */
  match(facts: PolicyFacts, found: Classification): string | undefined;
}

/** Tiers of R63 to R66: what is high in value, ambiguous or novel is for a manager or an expert. */
const ESCALATION: Effect = { level: "mandatory_review", tier: "escalation" };
const SYNC_GATE: Effect = { level: "mandatory_review", tier: "sync_gate" };
const AUTOMATED: Effect = { level: "auto_proceed", tier: "automated" };

/** What each preset does (R104, R105), before a rule's own effect. */
export const PRESET_EFFECTS = {
  high_value_transaction: ESCALATION,
  personal_data: SYNC_GATE,
  irreversible_action: SYNC_GATE,
  regulatory: SYNC_GATE,
  first_time_service: ESCALATION,
  low_confidence: SYNC_GATE,
  public_query: AUTOMATED,
  low_value_routine: AUTOMATED,
} as const satisfies Record<Preset, Effect>;

/** Presets for what people need not see: `policy check` warns where a rule gates it (R105). */
export const PRESETS_NOT_TO_GATE: readonly Preset[] = ["public_query", "low_value_routine"];

export function compilePreset(preset: Preset, detectors: Policy["detectors"]): CompiledPreset {
  return {
    effect: PRESET_EFFECTS[preset],
    needsFirstTime: preset === "first_time_service",
    match: matcherOf(preset, detectors),
  };
}

function matcherOf(preset: Preset, detectors: Policy["detectors"]): CompiledPreset["match"] {
  switch (preset) {
    case "high_value_transaction":
      return ({ action }) => {
        const value = action.value ?? 0;
        return value < HIGH_VALUE ? undefined : `value ${value} is at least ${HIGH_VALUE}`; // NaN is high (I10)
      };
    case "personal_data": {
      const detect = personalDataDetector(detectors);
      return ({ action }) => detect(action);
    }
    case "regulatory": {
      const detect = regulatedDetector();
      return ({ action }) => detect(action);
    }
    case "irreversible_action":
      return ({ action }, { reversibility }) =>
        reversibility === "irreversible" ? `${action.name} cannot be taken back` : undefined;
    case "first_time_service":
      return ({ action, isFirstTime }) =>
        isFirstTime === false
          ? undefined
          : `${action.name} has not succeeded before${action.counterparty === undefined ? "" : " with this counterparty"}`;
    case "low_confidence":
      return ({ confidence }) => {
        if ((confidence ?? UNKNOWN_CONFIDENCE) >= LOW_CONFIDENCE) return undefined;
        return confidence === undefined
          ? `confidence is not known, which counts as ${UNKNOWN_CONFIDENCE} and is below ${LOW_CONFIDENCE}`
          : `confidence ${confidence} is below ${LOW_CONFIDENCE}`;
      };
    case "public_query": {
      const detect = personalDataDetector(detectors);
      return (facts, found) =>
        isPublicQuery(facts, found) && detect(facts.action) === undefined
          ? `${facts.action.name} only asks for public information`
          : undefined;
    }
    case "low_value_routine": {
      const detect = personalDataDetector(detectors);
      return ({ action }, found) => {
        const value = action.value ?? 0;
        const isRoutine =
          found.reversibility !== "irreversible" && found.impact !== "high" && value < HIGH_VALUE;
        return isRoutine && detect(action) === undefined
          ? `value ${value} is below ${HIGH_VALUE}, and it can be taken back`
          : undefined;
      };
    }
    default:
      return neverMatches(preset);
  }
}

function neverMatches(preset: never): CompiledPreset["match"] {
  throw new TypeError(`No such preset: ${String(preset)}`);
}

/** Declared so, or named like a query and reversible by declaration. */
function isPublicQuery({ action }: PolicyFacts, { reversibility }: Classification): boolean {
  if (reversibility !== "reversible") return false;
  return action.handles?.includes(HANDLES.publicInformation) === true || QUERY.test(action.name);
}

const QUERY = /^(?:get|list|search|find|lookup|look_up|query|read|fetch)(?:[A-Z_.-]|$)/;
