import { findClarification } from "@holdpoint/client";
import { parseJson, type Hold, type JsonValue } from "@holdpoint/protocol";
import type { Context, OnlineOptions } from "../context.ts";
import { CommandError, EXIT, UsageError } from "../exit-code.ts";
import { readAnswer } from "../questions/typed-answer.ts";
import { Questioner } from "../terminal/questioner.ts";
import { canAsk } from "../world.ts";
import { remark, sendDecision, showHoldToDecide } from "./decide.ts";
import { decideInteractively } from "./interactive.ts";
import { renderOutcome } from "./outcome.ts";
import { parseAssignment } from "./typed-value.ts";

export interface AnswerOptions extends OnlineOptions {
  words?: string | undefined;
  choose: string[];
  set: string[];
  setJson: string[];
  asIs?: boolean;
  value?: string;
  executed?: string;
  result?: string;
  guidance?: string;
  comment?: string;
}

/** Answers what a hold asks. Without an answer it asks, on a terminal. */
export async function answerHold(context: Context, id: string, options: AnswerOptions): Promise<number> {
  const ways = [
    options.words !== undefined,
    options.choose.length > 0,
    options.set.length + options.setJson.length > 0,
    options.asIs === true,
    options.value !== undefined,
    options.executed !== undefined,
    options.guidance !== undefined,
  ].filter(Boolean).length;
  if (ways > 1) throw new UsageError("Give the answer in one way only.");
  if (ways === 0) return ask(context, id, options);
  return sendDecision(context, id, options, {
    verdict: "answer",
    answer: literalAnswer(options) ?? (await questionedAnswer(context, id, options)),
    ...remark(options.comment),
  });
}

/** What needs no look at the question; undefined where it does. */
function literalAnswer({ value, executed, result, guidance }: AnswerOptions): JsonValue | undefined {
  if (guidance !== undefined) return { guidance };
  if (executed !== undefined) {
    return { executed, ...(result === undefined ? {} : { result: readJsonOption("--result", result) }) };
  }
  return value === undefined ? undefined : readJsonOption("--value", value);
}

async function questionedAnswer(context: Context, id: string, options: AnswerOptions): Promise<JsonValue> {
  const hold = await (await context.connect(options)).holds.get(id);
  const clarification = findClarification(hold);
  if (clarification === undefined) throw new UsageError(notAQuestion(hold));
  // Too late comes before wrong: whoever is told what would fit would try again for nothing.
  if (hold.status !== "pending")
    throw new CommandError(
      `Nothing is asked any more: it was ${renderOutcome(hold, context.world.now())}.`,
      EXIT.conflict,
    );
  const set = [
    ...options.set.map((option) => parseAssignment(option, false)),
    ...options.setJson.map((option) => parseAssignment(option, true)),
  ];
  return readAnswer(clarification.question, {
    words: options.words,
    choose: options.choose,
    set,
    isAsIs: options.asIs,
  });
}

function notAQuestion(hold: Hold): string {
  const verdicts = hold.allowedVerdicts.length === 0 ? "nothing any more" : hold.allowedVerdicts.join(", ");
  return hold.kind === "escalation"
    ? `${hold.id} takes --executed, --guidance or --value.`
    : `${hold.id} asks no question: it takes ${verdicts}.`;
}

async function ask(context: Context, id: string, options: AnswerOptions): Promise<number> {
  if (!canAsk(context.world)) {
    throw new UsageError(
      "Give the answer: yes, no, done or a text, or one of --choose, --set, --as-is, --value, --executed and --guidance.",
    );
  }
  const client = await context.connect(options);
  const hold = await showHoldToDecide(context, id, options);
  if (hold.status !== "pending") throw new CommandError("Nothing is asked any more.", EXIT.conflict);
  using questioner = new Questioner(context.world);
  const ended = new AbortController();
  await decideInteractively({ context, client, questioner, hold, ended: ended.signal });
  const after = await client.holds.get(id);
  if (after.status === "pending") return EXIT.other;
  if (options.json === true) context.console.json(after);
  else context.console.data(`${after.id} ${renderOutcome(after, context.world.now())}`);
  return EXIT.ok;
}

function readJsonOption(name: string, text: string): JsonValue {
  try {
    return parseJson(text);
  } catch (error) {
    throw new UsageError(`${name} is not JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
}
