import { agreement, UNKNOWN_CONFIDENCE } from "@holdpoint/core";
import type { ModelTurn } from "../agents/models/stream-turn.ts";
import { countsAsUnknown, failureOf, NO_USAGE, type Estimate } from "./estimate-confidence.ts";

export interface CompareAnswersOptions {
  /** The answer that would be given. */
  result: string;
  /** How many further answers are made. */
  others: number;
  /** Makes one, from the same conversation. */
  answerAgain(): Promise<ModelTurn>;
  /** The model that makes them. */
  model: string;
  signal: AbortSignal;
}

/**
 * The share of several answers to one task that say what the given one says. An answer that fails, or is a call of a
 * tool, agrees with nothing; where none comes at all the confidence counts as 0.5. Throws only when `signal` is aborted.
 */
export async function compareAnswers(options: CompareAnswersOptions): Promise<Estimate> {
  const { result, others, model, signal } = options;
  const turns = await Promise.allSettled(Array.from({ length: others }, () => options.answerAgain()));
  signal.throwIfAborted();
  const came = turns.flatMap((turn) => (turn.status === "fulfilled" ? [turn.value] : []));
  const failed = turns.find((turn) => turn.status === "rejected");
  const problem = failed === undefined ? null : failureOf(failed.reason, "a further answer");
  const usage = came.reduce(
    (sum, turn) => ({
      inputTokens: sum.inputTokens + turn.usage.inputTokens,
      outputTokens: sum.outputTokens + turn.usage.outputTokens,
      totalTokens: sum.totalTokens + turn.usage.totalTokens,
    }),
    NO_USAGE,
  );
  const texts = turns.map((turn) =>
    turn.status === "fulfilled" && turn.value.calls.length === 0 ? turn.value.text : undefined,
  );
  if (came.length === 0 && problem !== null)
    return { confidence: UNKNOWN_CONFIDENCE, by: "answers", model, problem: countsAsUnknown(problem), usage };
  return { confidence: agreement(result, texts), by: "answers", model, problem, usage };
}
