import type { Impact, JsonObject, Reversibility } from "@holdpoint/protocol";
import { titleOf } from "../holds/title.ts";

/** What is described: facts of the stored action only, never text that a model wrote (I13). */
export interface DescribedAction {
  name: string;
  arguments: JsonObject;
  reversibility: Reversibility | null;
  impact: Impact | null;
  value?: number | null | undefined;
}

const UNDO = {
  reversible: "It can be taken back.",
  partially_reversible: "It can be taken back in part.",
  irreversible: "It cannot be taken back.",
} as const satisfies Record<Reversibility, string>;

/**
 * What will happen, for a reviewer, where the developer gave no description (R48): the action's title, its value, and
 * how much depends on it. `Delete records: table_name users, count 50. It cannot be taken back. Impact: high.`
 */
export function describeAction(action: DescribedAction): string {
  const { value, reversibility, impact } = action;
  return [
    `${titleOf(action).replace(/\.$/, "")}.`,
    ...(value == null ? [] : [`Value: ${value}.`]),
    ...(reversibility === null ? [] : [UNDO[reversibility]]),
    ...(impact === null ? [] : [`Impact: ${impact}.`]),
  ].join(" ");
}
