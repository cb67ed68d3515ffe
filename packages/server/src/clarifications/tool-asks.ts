import { ON_TIMEOUT, toJsonValue, type JsonValue, type OnTimeout } from "@holdpoint/protocol";
import { integer, kindOf, oneOf, text, type OptionRule } from "../agents/options.ts";
import type { Asking, AskToRaise } from "./asking.ts";
import { NotAnsweredError, noAnswerOf } from "./not-answered-error.ts";
import { checkKey } from "./once.ts";
import {
  actionQuestion,
  choiceQuestion,
  customQuestion,
  inputQuestion,
  valueQuestion,
  verificationQuestion,
  type AnswerOf,
  type AnswerSchema,
  type ChoiceOption,
  type CustomQuestion,
  type LinkToVisit,
  type TypedQuestion,
} from "./question.ts";

export interface AskOptions {
  /** What helps the person to answer. */
  guidance?: string | undefined;
  /** The question in one line. Default the key. */
  title?: string | undefined;
  /** How long the person has. Default a day (86,400). */
  timeoutSeconds?: number | undefined;
  /** What silence means: no answer (`reject`, the default), or waiting on without a deadline (`hold`). */
  onTimeout?: Exclude<OnTimeout, "approve"> | undefined;
}

/**
 * `context.ask`. Each asks the run's end user (or, without one, a reviewer) and gives back the answer, typed. Until there
 * is one the call waits as rows, without a process: it ends here, and starts again from its beginning once it is answered.
 * Then the same ask gives the answer at once. So keep what must not be done twice in `context.once`, or ask first.
 *
 * The promise never settles in the attempt that asks: no `catch` and no `finally` sees it, `context.signal` fires. With no
 * answer (declined, not in time, withdrawn) it rejects with `NotAnsweredError` when the call starts again.
 */
export interface ToolAsks {
  /** Something to do elsewhere, behind a button. `true` once the person says that it is done. */
  action(key: string, link: LinkToVisit, options?: AskOptions): Promise<JsonValue>;
  /** Something to fill in, by a Zod schema or a JSON Schema. */
  input<Schema extends AnswerSchema>(
    key: string,
    schema: Schema,
    options?: AskOptions,
  ): Promise<AnswerOf<Schema>>;
  /** One of several; a list of them with `multiple`. */
  choice<Value extends JsonValue>(
    key: string,
    options: readonly ChoiceOption<Value>[],
    more: AskOptions & { multiple: true },
  ): Promise<Value[]>;
  choice<Value extends JsonValue>(
    key: string,
    options: readonly ChoiceOption<Value>[],
    more?: AskOptions & { multiple?: false },
  ): Promise<Value>;
  /** Whether a value is right; the person may correct it. */
  value<Value extends JsonValue>(
    key: string,
    value: Value,
    options?: AskOptions & { schema?: AnswerSchema },
  ): Promise<Value>;
  /** Yes or no. */
  verify(key: string, options?: AskOptions): Promise<boolean>;
  /** A question with a screen of your own. */
  custom<Schema extends AnswerSchema = AnswerSchema>(
    key: string,
    question: CustomQuestion<Schema>,
    options?: AskOptions,
  ): Promise<AnswerOf<Schema>>;
}

/** `prefix` sets the keys of hooks apart from those of the tool. */
export function createToolAsks(asking: Asking, prefix: string): ToolAsks {
  async function ask<Answer>(
    key: string,
    options: AskOptions | undefined,
    make: (guidance: string | undefined) => TypedQuestion<Answer>,
  ): Promise<Answer> {
    checkKey("context.ask", key);
    return askFor(asking, prefix + key, make(options?.guidance), askedWith(key, options));
  }
  return {
    action: (key, link, options) => ask(key, options, (guidance) => actionQuestion(link, guidance)),
    input: (key, schema, options) => ask(key, options, (guidance) => inputQuestion(schema, guidance)),
    choice: (
      key: string,
      given: readonly ChoiceOption<JsonValue>[],
      options?: AskOptions & { multiple?: boolean },
    ) =>
      ask(key, options, (guidance) =>
        choiceQuestion(given, options?.multiple === true, guidance),
      ) as Promise<never>,
    value: (key, value, options) =>
      ask(key, options, (guidance) => valueQuestion(value, options?.schema, guidance)),
    verify: (key, options) => ask(key, options, verificationQuestion),
    custom: (key, question, options) => ask(key, options, (guidance) => customQuestion(question, guidance)),
  };
}

/**
 * The stored answer, or the question raised. An answer that a schema of the tool's own code does not take after all (Zod
 * knows more than JSON Schema) is asked for again, with what was wrong.
 */
export async function askFor<Answer>(
  asking: Asking,
  key: string,
  typed: TypedQuestion<Answer>,
  more: Pick<AskToRaise, "title" | "details" | "timeoutSeconds" | "onTimeout">,
): Promise<Answer> {
  const name = asking.next(key);
  const ask = { kind: "clarification" as const, question: typed.question, ...more };
  const last = asking.find(name, ask);
  if (last === undefined || last.status === "pending") return asking.raise(name, ask);
  if (last.status !== "answered") throw new NotAnsweredError(key, noAnswerOf(last.status), last.comment);
  try {
    return typed.read(toJsonValue(structuredClone(last.answer)));
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return asking.raise(name, { ...ask, summary: `The last answer did not fit: ${why}`.slice(0, 1_000) });
  }
}

const RULES: Record<keyof AskOptions, OptionRule> = {
  guidance: text(10_000),
  title: text(300),
  timeoutSeconds: integer(1, 31_536_000),
  onTimeout: oneOf(ON_TIMEOUT.filter((outcome) => outcome !== "approve")),
};

/** Throws a TypeError for an option that is wrong: silence never answers a question. */
export function askedWith(
  defaultTitle: string,
  options: AskOptions = {},
): Pick<AskToRaise, "title" | "timeoutSeconds" | "onTimeout"> {
  if (typeof options !== "object" || options === null)
    throw new TypeError(`The options of a question must be an object, not ${kindOf(options)}.`);
  for (const [name, rule] of Object.entries(RULES)) {
    const value: unknown = options[name as keyof AskOptions];
    const wrong = value === undefined ? undefined : rule.check(value);
    if (wrong !== undefined) throw new TypeError(`The question's option "${name}" ${wrong}.`);
  }
  const { title = defaultTitle, timeoutSeconds, onTimeout } = options;
  return { title, timeoutSeconds, onTimeout };
}
