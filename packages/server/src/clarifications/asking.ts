import type { HoldStatus, JsonObject, JsonValue, OnTimeout } from "@holdpoint/protocol";

/** A question that this call has asked in an attempt before this one, and how it stands. */
export interface StoredAsk {
  id: string;
  key: string;
  occurrence: number;
  questionHash: string;
  holdId: string;
  /** The attempt that asked. */
  attempt: number;
  status: HoldStatus;
  /** Of the hold; wider than what was asked where a wider hold took its place. */
  question: JsonObject;
  /** Null unless `status` is "answered". */
  answer: JsonValue;
  comment: string | null;
}

/** A question that an executing call cannot go on without. */
export interface AskToRaise {
  /** Names it within the call, at most 200 characters. Those of our own begin with `$`. */
  key: string;
  kind: "clarification" | "authorization";
  /** One of the types of `questionSchema`, or an `authorizationQuestionSchema`. */
  question: JsonObject;
  title?: string | undefined;
  summary?: string | undefined;
  details?: JsonValue | undefined;
  /** How long the person has. Default 86,400. */
  timeoutSeconds?: number | undefined;
  onTimeout?: Exclude<OnTimeout, "approve"> | undefined;
  /** Of an authorization only: how it goes together with the one that is open for the same end user and provider. */
  share?: ShareHold | undefined;
}

/**
 * What to ask where an authorization hold of the run's end user and this provider is open already. Answer "join" when it
 * covers the need: the call waits for it too. Answer a wider question otherwise: a hold with it supersedes the open one,
 * and whoever waited for that waits for the wider one. Called again when somebody else was quicker.
 */
export type ShareHold = (open: JsonObject) => "join" | { question: JsonObject; title?: string };

/** What an answer is bound to: another question, title or details under the same key has no answer yet. */
export type AskedQuestion = Pick<AskToRaise, "question" | "title" | "details">;

/** Names one ask within an attempt: the same key asked twice are two asks, told apart by their order. */
export interface AskName {
  key: string;
  occurrence: number;
}

/**
 * What one attempt of a call can ask. `context.ask`, returned questions, hooks and `context.connection` are made of it.
 *
 *  A1. What is raised suspends the call, in one transaction with its holds (I5), in the next macrotask: together with
 *      whatever else is raised until then, and once what `context.once` has begun is kept.
 *  A2. The promise of `raise` never settles: the attempt is over, and its result, error and further asks count no more.
 *  A3. When none of the call's asks is pending any more, it starts again from the beginning, attempt + 1 (I2), and finds
 *      them all by `find`.
 */
export interface Asking {
  /** Of this attempt, 1 for the first. */
  readonly attempt: number;
  /** Fires when the attempt suspends, is lost to another instance, or the service stops. */
  readonly signal: AbortSignal;
  /** The name of the next ask of this key: 1, 2, … in the order of the calls. Once for each ask. */
  next(key: string): AskName;
  /** The latest ask of this name with this very question; undefined when it was never asked. */
  find(name: AskName, asked: AskedQuestion): StoredAsk | undefined;
  /** The latest ask of this key, whatever was asked. */
  latest(key: string): StoredAsk | undefined;
  /** Suspends the call. Rejects only when the attempt is over already. */
  raise(name: AskName, ask: Omit<AskToRaise, "key">): Promise<never>;
}
