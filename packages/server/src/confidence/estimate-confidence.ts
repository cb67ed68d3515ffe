import type { LanguageModel } from "ai";
import { checkConfidence, readConfidence, UNKNOWN_CONFIDENCE } from "@holdpoint/core";
import { storableText } from "../agents/models/storable-text.ts";
import { ESTIMATOR_INSTRUCTIONS, estimatorPrompt } from "./estimator-prompt.ts";
import type { EstimateFunction } from "./options.ts";

/** How sure an answer is, and how that is known. */
export interface Estimate {
  /** 0 to 1. */
  confidence: number;
  by: "model" | "function" | "answers";
  /** The model that was asked. */
  model: string | null;
  /** Why the confidence could not be had, and counts as 0.5, or is not what was asked for; null where all went well. */
  problem: string | null;
  usage: { inputTokens: number; outputTokens: number; totalTokens: number };
}

export const NO_USAGE = { inputTokens: 0, outputTokens: 0, totalTokens: 0 };

/** An estimate that takes longer counts as none. */
export const ESTIMATE_TIMEOUT_MS = 30_000;

export interface EstimateConfidenceOptions {
  task: string;
  /** The answer; its first 500 characters are read (R70). */
  result: string;
  /** Gives the model, as `Models.loadEstimator` does. */
  load(): Promise<{ model: LanguageModel; label: string }>;
  signal: AbortSignal;
  timeoutMs?: number;
}

/**
 * Asks a model how sure the answer is (R70 to R72). Throws only when `signal` is aborted; a model that fails, takes too
 * long or answers anything but a number counts as 0.5, and `problem` says why.
 */
export async function estimateConfidence(options: EstimateConfidenceOptions): Promise<Estimate> {
  const { signal } = options;
  let model: string | null = null;
  try {
    const loaded = await options.load();
    model = loaded.label;
    const timeout = AbortSignal.timeout(options.timeoutMs ?? ESTIMATE_TIMEOUT_MS);
    const { text, usage } = await ask(loaded.model, options, AbortSignal.any([signal, timeout]));
    const confidence = readConfidence(text);
    if (confidence !== undefined) return { confidence, by: "model", model, problem: null, usage };
    return {
      ...unknown("the estimator's answer is not a number from 0.0 to 1.0"),
      by: "model",
      model,
      usage,
    };
  } catch (error) {
    signal.throwIfAborted();
    return { ...unknown(failureOf(error, "the estimator")), by: "model", model };
  }
}

async function ask(
  model: LanguageModel,
  { task, result }: EstimateConfidenceOptions,
  signal: AbortSignal,
): Promise<{ text: string; usage: Estimate["usage"] }> {
  const { streamText } = await import("ai");
  let failure: unknown;
  const stream = streamText({
    model,
    instructions: ESTIMATOR_INSTRUCTIONS,
    messages: [{ role: "user", content: estimatorPrompt({ task, answer: result }) }],
    maxRetries: 0,
    abortSignal: signal,
    onError: ({ error }) => void (failure ??= error),
  });
  let text = "";
  for await (const part of stream.stream) {
    if (part.type === "error") failure ??= part.error;
    if (part.type === "abort") failure ??= signal.reason;
    if (part.type === "text-delta") text += part.text;
  }
  if (failure !== undefined) throw failure instanceof Error ? failure : new Error("it broke off");
  const usage = await stream.usage;
  return {
    text,
    usage: {
      inputTokens: usage.inputTokens ?? 0,
      outputTokens: usage.outputTokens ?? 0,
      totalTokens: usage.totalTokens ?? 0,
    },
  };
}

/** The config's own function, under the same rules: only a number from 0 to 1 counts. */
export async function estimateByFunction(
  estimate: EstimateFunction,
  request: Omit<Parameters<EstimateFunction>[0], "signal">,
  signal: AbortSignal,
  timeoutMs = ESTIMATE_TIMEOUT_MS,
): Promise<Estimate> {
  const timeout = AbortSignal.timeout(timeoutMs);
  const given = AbortSignal.any([signal, timeout]);
  try {
    given.throwIfAborted();
    const answer = await Promise.race([
      (async () => estimate({ ...request, signal: given }))(),
      new Promise<never>((_, reject) => {
        given.addEventListener("abort", () => reject(given.reason as Error), { once: true });
      }),
    ]);
    const confidence = checkConfidence(answer);
    if (confidence === undefined)
      return { ...unknown("the function did not answer a number from 0 to 1"), by: "function", model: null };
    return { confidence, by: "function", model: null, problem: null, usage: NO_USAGE };
  } catch (error) {
    signal.throwIfAborted();
    return { ...unknown(failureOf(error, "the function")), by: "function", model: null };
  }
}

function unknown(problem: string): Pick<Estimate, "confidence" | "problem" | "usage"> {
  return { confidence: UNKNOWN_CONFIDENCE, problem: countsAsUnknown(problem), usage: NO_USAGE };
}

export function countsAsUnknown(problem: string): string {
  return `${problem}; it counts as ${UNKNOWN_CONFIDENCE}`;
}

/** Short, and as text that the database takes: it stands in the reasons that a reviewer reads. */
export function failureOf(error: unknown, subject: string): string {
  if (error instanceof Error && error.name === "TimeoutError") return `${subject} took too long`;
  const message = error instanceof Error ? error.message : String(error);
  return storableText(`${subject} failed: ${message}`.slice(0, 300));
}
