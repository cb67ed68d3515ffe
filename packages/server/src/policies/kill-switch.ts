import type { Evaluation, PolicyFacts } from "@holdpoint/core";
import { failClosed } from "./fail-closed.ts";

/** An order that stands: no action of that tool or agent proceeds without a person. */
export interface KillSwitch {
  scope: "agent" | "tool";
  subject: string;
  reason: string | null;
  /** Who threw it. */
  by: string | null;
  since: string;
}

/** The switches that are over an action: its tool's, its agent's, and those of the agents that had that one called. */
export function switchesOver(
  switches: readonly KillSwitch[],
  { action, agentId }: Pick<PolicyFacts, "action" | "agentId">,
  callers: readonly string[] = [],
): KillSwitch[] {
  return switches.filter(({ scope, subject }) =>
    scope === "tool" ? subject === action.name : subject === agentId || callers.includes(subject),
  );
}

/** Held whatever the policy says, and no standing permission lets it through. */
export function heldBySwitches(evaluation: Evaluation, thrown: readonly KillSwitch[]): Evaluation {
  return thrown.reduce((held, one) => failClosed(held, inWords(one), "kill_switch"), evaluation);
}

function inWords({ scope, subject, by, reason }: KillSwitch): string {
  const held = scope === "tool" ? `Every call of ${subject}` : `Every action of agent ${subject}`;
  return `${held} is held by order of ${by ?? "an operator"}${reason === null ? "" : `: ${reason}`}`;
}

/** What was approved before the latest of them has to be asked about again; undefined where there is none. */
export function heldSince(thrown: readonly KillSwitch[]): string | undefined {
  return thrown
    .map(({ since }) => since)
    .toSorted((a, b) => Date.parse(a) - Date.parse(b))
    .at(-1);
}
