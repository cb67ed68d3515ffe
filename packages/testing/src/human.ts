import type { DecisionInput, Hold, JsonObject, JsonValue } from "@holdpoint/protocol";
import type { Duration } from "./duration.ts";

/** What a scripted person does about a hold. */
export interface Reply {
  /** Without the action's hash: a person decides about what was shown to them. */
  decision: Omit<DecisionInput, "actionHash">;
  /** How long after the hold was made, by the clock of the test. Default at once. */
  after?: Duration | undefined;
}

/**
 * A scripted person: told of each hold once. Answers what they do, `"nothing"` when they leave it, or undefined when it
 * is not for them: then the next one in the list is asked.
 */
export type Human = (hold: Hold) => Reply | "nothing" | undefined | Promise<Reply | "nothing" | undefined>;

export interface WhenOptions {
  after?: Duration;
  /** Kept with the decision; the agent is told the one of a "no". */
  comment?: string;
}

/** Approves whatever can be approved. */
export function approve(options: WhenOptions = {}): Human {
  return (hold) => (can(hold, "approve") ? reply({ verdict: "approve" }, options) : undefined);
}

/** Rejects whatever can be rejected; questions too, which declines them. */
export function reject(options: WhenOptions = {}): Human {
  return (hold) => (can(hold, "reject") ? reply({ verdict: "reject" }, options) : undefined);
}

export interface RejectAboveOptions extends WhenOptions {
  /** Which argument is compared. Default the action's `value`. */
  of?: string;
}

/** Rejects above that number and leaves the rest to the next in the list. Exactly that number is not above it. */
export function rejectAbove(limit: number, { of, ...options }: RejectAboveOptions = {}): Human {
  return (hold) => {
    const found = of === undefined ? hold.action?.value : hold.action?.arguments[of];
    return typeof found === "number" && found > limit ? reply({ verdict: "reject" }, options) : undefined;
  };
}

/** Approves with other arguments: the ones named here, the rest as they are. For actions that have all of them. */
export function change(changes: JsonObject, options: WhenOptions = {}): Human {
  return (hold) => {
    const { action } = hold;
    const has =
      action !== null && Object.keys(changes).every((name) => Object.hasOwn(action.arguments, name));
    return has && can(hold, "modify")
      ? reply({ verdict: "modify", modifications: changes }, options)
      : undefined;
  };
}

/** Skips: the action is left out, and the agent goes on. */
export function skip(options: WhenOptions = {}): Human {
  return (hold) => (can(hold, "skip") ? reply({ verdict: "skip" }, options) : undefined);
}

/** Answers every question with that. */
export function answer(value: JsonValue, options: WhenOptions = {}): Human {
  return (hold) => (can(hold, "answer") ? reply({ verdict: "answer", answer: value }, options) : undefined);
}

/** Sees it and does nothing, so that its deadline passes once the clock is put forward. */
export function neverAnswer(): Human {
  return () => "nothing";
}

function can(hold: Hold, verdict: DecisionInput["verdict"]): boolean {
  return hold.allowedVerdicts.includes(verdict);
}

function reply(decision: Reply["decision"], { after, comment }: WhenOptions): Reply {
  return { decision: { ...decision, ...(comment !== undefined && { comment }) }, after };
}
