import { assertNever, toldNotAnswered } from "@holdpoint/core";
import { toJsonValue, type JsonObject, type JsonValue } from "@holdpoint/protocol";
import { storableText } from "../agents/models/storable-text.ts";
import type { RaisedAsk } from "../clarifications/ask-session.ts";
import { chooseFromResult } from "../clarifications/choose-from.ts";
import { NotAnsweredError } from "../clarifications/not-answered-error.ts";
import { findReturnedQuestion } from "../clarifications/returned-question.ts";
import { askFor } from "../clarifications/tool-asks.ts";
import { NotVerifiedError } from "../clarifications/verify-calls.ts";
import { beginAttempt, RETURNED, type CallAttempt, type CallToExecute } from "./call-attempt.ts";
import { messageOf } from "./propose-call.ts";
import { requireReadiness } from "./readiness.ts";

export type Outcome = { status: "succeeded"; result: JsonValue } | { status: "failed"; error: JsonObject };
export type Execution =
  | Outcome
  /** It asks, and starts again once it is answered; `result` where the tool itself needs not. */
  | { status: "suspended"; raised: RaisedAsk[]; result: JsonValue | undefined };

const MAX_ERROR_CHARACTERS = 4_000;

/**
 * Runs a tool with its hooks. Never throws: what the tool throws is its failure, of which the model gets the message only.
 * What it asks is looked for before anything else, and comes before however the tool ends (R4 to R6).
 */
export async function executeTool(call: CallToExecute): Promise<Execution> {
  const attempt = beginAttempt(call);
  const { session } = attempt;
  const running = carryOut(attempt);
  const outcome = await Promise.race([running, session.suspended]);
  if (session.hasRaised)
    return { status: "suspended", raised: await session.suspended, result: attempt.result };
  session.close();
  return outcome as Outcome;
}

/** How far a call has come, for what is said when it goes no further. */
type Stage = "before" | "tool" | "after";

async function carryOut(attempt: CallAttempt): Promise<Outcome> {
  const { tool, hooks, hooked } = attempt;
  let stage: Stage = "before";
  try {
    if (attempt.result === undefined) await requireReadiness(attempt);
    for (const [level, { before }] of hooks.entries())
      for (const [index, hook] of before.entries())
        await hook(structuredClone(hooked), attempt.contextFor(`$before:${level}.${index}:`));
    stage = "tool";
    if (attempt.result === undefined) attempt.result = await resultOf(attempt);
    stage = "after";
    const result =
      tool.chooseFrom === undefined
        ? attempt.result
        : await chooseFromResult(attempt.session, tool.chooseFrom, attempt.result);
    for (const [level, { after }] of hooks.toReversed().entries())
      for (const [index, hook] of after.entries())
        await hook(
          { ...structuredClone(hooked), result: structuredClone(result) },
          attempt.contextFor(`$after:${level}.${index}:`),
        );
    return { status: "succeeded", result };
  } catch (error) {
    return { status: "failed", error: failureOf(attempt, stage, error) };
  }
}

/** The result was made, and is none that can be told. */
class ResultError extends Error {
  override name = "ResultError";
}

async function resultOf({ tool, arguments: args, session, contextFor }: CallAttempt): Promise<JsonValue> {
  let result = await tool.execute(args, contextFor(""));
  const asked = findReturnedQuestion(result);
  if (asked !== undefined) result = await askFor(session, RETURNED, asked.typed, asked.more);
  try {
    // A tool that returns nothing has succeeded with nothing.
    return toJsonValue(tool.checkResult(result ?? null));
  } catch (error) {
    throw new ResultError(`'${tool.name}' was executed, but its result cannot be used: ${messageOf(error)}`, {
      cause: error,
    });
  }
}

function failureOf({ tool, context, session }: CallAttempt, stage: Stage, error: unknown): JsonObject {
  if (error instanceof NotAnsweredError) {
    const { key, outcome, comment } = error;
    context.logger.info({ tool: tool.name, key, outcome }, `${tool.name} has no answer to its question.`);
    const message = toldNotAnswered(tool.name, outcome, comment, stage === "after");
    return { code: "not_answered", outcome, comment, message };
  }
  if (error instanceof NotVerifiedError) return { code: error.code, message: error.message };
  // An attempt that has asked is over: what it left running ends in errors that mean nothing.
  if (!session.hasRaised) context.logger.error({ err: error, tool: tool.name }, `${tool.name} failed.`);
  if (error instanceof ResultError) return { code: "result_invalid", message: readable(error.message) };
  const message = messageOf(error);
  switch (stage) {
    case "before":
      return { code: "hook_failed", message: readable(`'${tool.name}' was not executed: ${message}`) };
    case "tool":
      return { code: "tool_failed", message: readable(message) };
    case "after":
      return {
        code: "hook_failed",
        message: readable(`'${tool.name}' was executed, but its result is withheld: ${message}`),
      };
    default:
      return assertNever(stage);
  }
}

/** As text that the database takes, and not without end. */
function readable(message: string): string {
  const text = storableText(message).slice(0, MAX_ERROR_CHARACTERS);
  return text === "" ? "It failed without saying why." : text;
}
