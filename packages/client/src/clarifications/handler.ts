import type { AuthorizeAnswer, JsonValue } from "@holdpoint/protocol";
import type { HoldpointApiError } from "../api-error.ts";
import type { ClarificationError } from "./clarification-error.ts";
import type { Clarification, ClarificationKind } from "./clarification.ts";

/** What answers a question of each kind. A link and a sign-in without confirmation answer for themselves. */
export interface AnswerOf {
  action: true;
  input: JsonValue;
  /** One of the values; a list of them where `question.multiple`. */
  choice: JsonValue;
  value: JsonValue;
  verification: boolean;
  custom: JsonValue;
  authorization: never;
}

/** The ways on from a question, for the method that presents it. None of them rejects. */
export interface Resolver<Kind extends ClarificationKind = ClarificationKind> {
  /**
   * Answers, now or later. True once the service has taken it. False when the question was over, or when the answer did
   * not fit: then the question stays open and the method is called again, with `refused`.
   */
  onResolution: (answer: AnswerOf[Kind], comment?: string) => Promise<boolean>;
  /** The question cannot be presented here. It stays open for others; see {@link ClarificationOptions.onError}. */
  onError: (error: unknown) => void;
  /** The person declines to answer; the agent is told so. False when the question was over. */
  decline: (comment?: string) => Promise<boolean>;
  /** Of an authorization: the address for the button. Single use; ask when it is pressed. Throws what the service says. */
  authorize: () => Promise<AuthorizeAnswer>;
  /** Fires when there is nothing more to ask: answered elsewhere, expired, withdrawn, or nobody waits here any more. */
  readonly signal: AbortSignal;
  /** Why the answer before this one was not taken; undefined at the first call. */
  readonly refused: HoldpointApiError | undefined;
}

/** Presents a question. An answer other than undefined resolves it; undefined means that the resolver is used instead. */
export type Present<Kind extends ClarificationKind> = (
  clarification: Clarification<Kind>,
  resolver: Resolver<Kind>,
  // A method without a return statement is as good as one that returns undefined.
) => AnswerOf[Kind] | void | Promise<AnswerOf[Kind] | void>;

/**
 * Presents the questions of runs, one method a kind, synchronous or not. A kind without a method is left to others: the
 * run is then returned as it is, with its open holds. A method that throws leaves its question open, as `onError` does.
 *
 * Two questions may stand at once, and each method may be called for both at the same time.
 */
export interface ClarificationHandler {
  action?: Present<"action">;
  input?: Present<"input">;
  choice?: Present<"choice">;
  value?: Present<"value">;
  verification?: Present<"verification">;
  custom?: Present<"custom">;
  authorization?: Present<"authorization">;
}

export interface ClarificationOptions {
  handler?: ClarificationHandler | undefined;
  /**
   * Told that the handler failed on a question, which stays open. Then the waiting goes on with the other questions.
   * Absent: the waiting ends and throws the error.
   */
  onError?: ((error: ClarificationError, clarification: Clarification) => void) | undefined;
  /** How many answers to one question may be refused before the handler counts as failed. Default 10. */
  maxAttempts?: number | undefined;
}
