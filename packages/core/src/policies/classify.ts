import type { GateLevel, Impact, JsonObject, Reason, Reversibility, Tier } from "@holdpoint/protocol";
import { findDefaultAction, gateLevelOf, isHighValue, TIER_OF_LEVEL } from "./gate-level.ts";

/** A tool's `requiresConfirmation`; a function is called by the server and comes in as its answer. */
export type Confirmation =
  | boolean
  /** A person with this role decides (R251). */
  | { role: string }
  /** Held when the argument `of` compares with `threshold`; without `of`, the action's value does (R252). */
  | { threshold: number; of?: string | undefined; comparator: "gte" | "gt" };

export interface ActionFacts {
  name: string;
  arguments: JsonObject;
  reversibility?: Reversibility | null | undefined;
  impact?: Impact | null | undefined;
  value?: number | null | undefined;
  requiresConfirmation?: Confirmation | undefined;
}

export interface Classification {
  reversibility: Reversibility;
  impact: Impact;
  level: GateLevel;
  tier: Tier;
  held: boolean;
  /** Who has to decide, where the tool says so. */
  role: string | null;
  /** Neither declared nor known by name: `policy check` names it. */
  isUndeclared: boolean;
  reasons: Reason[];
}

/**
 * Whether an action may run by itself, and why. `requiresConfirmation` decides if present; else reversibility,
 * declared or known by name; with neither, the action counts as irreversible and is held.
 */
export function classify(action: ActionFacts): Classification {
  const known = findDefaultAction(action.name);
  const reversibility = action.reversibility ?? known?.reversibility ?? "irreversible";
  const { level, role, reason } = verdictOf(action, reversibility);
  return {
    reversibility,
    impact: action.impact ?? assessImpact(reversibility, action.value),
    level,
    tier: TIER_OF_LEVEL[level],
    held: level !== "auto_proceed",
    role: role ?? null,
    isUndeclared:
      action.requiresConfirmation === undefined && action.reversibility == null && known === undefined,
    reasons: [reason],
  };
}

interface GateVerdict {
  level: GateLevel;
  role?: string;
  reason: Reason;
}

function verdictOf(action: ActionFacts, reversibility: Reversibility): GateVerdict {
  const confirmation = action.requiresConfirmation;
  if (confirmation === undefined) return byReversibility(action, reversibility);
  if (typeof confirmation === "boolean") {
    return confirmation
      ? held("requires_confirmation", `${action.name} always needs confirmation.`)
      : proceeds("requires_confirmation", `${action.name} is declared to need no confirmation.`);
  }
  if ("role" in confirmation) {
    const role = confirmation.role.toLowerCase();
    return { ...held("requires_confirmation", `${action.name} needs confirmation by role ${role}.`), role };
  }
  return byThreshold(action, confirmation);
}

function byThreshold(action: ActionFacts, rule: Extract<Confirmation, { threshold: number }>): GateVerdict {
  const subject = rule.of ?? "value";
  const amount = rule.of === undefined ? action.value : argumentOf(action.arguments, rule.of);
  // I10: what cannot be compared is not below the threshold.
  if (typeof amount !== "number" || Number.isNaN(amount)) {
    return held("threshold", `${subject} is not a number, so it cannot be compared with ${rule.threshold}.`);
  }
  const isReached = rule.comparator === "gte" ? amount >= rule.threshold : amount > rule.threshold;
  const word = rule.comparator === "gte" ? "at least" : "more than";
  return isReached
    ? held("threshold", `${subject} is ${amount}, ${word} ${rule.threshold}.`)
    : proceeds("threshold", `${subject} is ${amount}, not ${word} ${rule.threshold}.`);
}

function byReversibility(action: ActionFacts, reversibility: Reversibility): GateVerdict {
  const known = findDefaultAction(action.name);
  if (action.reversibility == null && known?.isGated === true) {
    return held("default_gate", `${action.name} needs approval by default.`);
  }
  const level = gateLevelOf(reversibility, action.value);
  if (action.reversibility == null && known === undefined) {
    return {
      level,
      reason: { rule: "undeclared", text: `${action.name} is not declared, so it counts as irreversible.` },
    };
  }
  const words = reversibility.replace("_", " ");
  const value = level === "review_if_high_value" ? ` and its value ${action.value} is high` : "";
  return { level, reason: { rule: "reversibility", text: `${action.name} is ${words}${value}.` } };
}

/** `of` names a top-level argument, or a nested one with dots. */
function argumentOf(action: JsonObject, of: string): unknown {
  if (Object.hasOwn(action, of)) return action[of];
  let value: unknown = action;
  for (const name of of.split(".")) {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, name)) return undefined;
    value = (value as Record<string, unknown>)[name];
  }
  return value;
}

function assessImpact(reversibility: Reversibility, value: number | null | undefined): Impact {
  if (reversibility === "irreversible") return "high";
  if (reversibility === "reversible") return "low";
  return isHighValue(value) ? "high" : "medium";
}

function held(rule: string, text: string): GateVerdict {
  return { level: "mandatory_review", reason: { rule, text } };
}

function proceeds(rule: string, text: string): GateVerdict {
  return { level: "auto_proceed", reason: { rule, text } };
}
