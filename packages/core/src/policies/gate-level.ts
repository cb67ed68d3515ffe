import type { GateLevel, Reversibility, Tier } from "@holdpoint/protocol";

/** How each level is handled. */
export const TIER_OF_LEVEL = {
  mandatory_review: "sync_gate",
  review_if_high_value: "async_review",
  auto_proceed: "automated",
} as const satisfies Record<GateLevel, Tier>;

export interface DefaultAction {
  reversibility: Reversibility;
  /** Stands in the required-approval map (R46): held whatever its class says. */
  isGated: boolean;
}

/**
 * What is known of actions by their name alone (R46, R52 to R54). `send_email` stands in two classes, the stricter
 * one wins; `modify_config` is reversible and gated, and an explicit gate beats the class.
 */
export const DEFAULT_ACTIONS = {
  create_draft: { reversibility: "reversible", isGated: false },
  add_tag: { reversibility: "reversible", isGated: false },
  modify_config: { reversibility: "reversible", isGated: true },
  send_notification: { reversibility: "partially_reversible", isGated: false },
  charge_card: { reversibility: "partially_reversible", isGated: false },
  publish_content: { reversibility: "partially_reversible", isGated: true },
  delete_record: { reversibility: "irreversible", isGated: true },
  send_email: { reversibility: "irreversible", isGated: true },
  publish_publicly: { reversibility: "irreversible", isGated: false },
  provision_infrastructure: { reversibility: "irreversible", isGated: false },
} as const satisfies Record<string, DefaultAction>;

/** Above this value, and not at it, a partially reversible action is reviewed (R57). */
export const HIGH_VALUE = 100;

export function findDefaultAction(name: string): DefaultAction | undefined {
  return Object.hasOwn(DEFAULT_ACTIONS, name)
    ? DEFAULT_ACTIONS[name as keyof typeof DEFAULT_ACTIONS]
    : undefined;
}

/** The level of an action by its name (R56 to R58); one that nobody knows is irreversible (R55). */
export function gateLevelFor(action: string, value?: number | null): GateLevel {
  return gateLevelOf(findDefaultAction(action)?.reversibility ?? "irreversible", value);
}

/** The level of a class of actions: `value` counts for partially reversible ones, a missing one as 0. */
export function gateLevelOf(reversibility: Reversibility, value?: number | null): GateLevel {
  switch (reversibility) {
    case "reversible":
      return "auto_proceed";
    case "partially_reversible":
      return isHighValue(value) ? "review_if_high_value" : "auto_proceed";
    default:
      return "mandatory_review";
  }
}

/** NaN compares with nothing: it counts as high, since a gate fails closed (I10). */
export function isHighValue(value: number | null | undefined): boolean {
  return !((value ?? 0) <= HIGH_VALUE);
}
