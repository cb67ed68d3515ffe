import type { Hold, HoldStatus, JsonObject, JsonValue, Outcome, Question } from "@holdpoint/protocol";
import type { CallOptions, Holds, NewHold, WaitOptions } from "../holds.ts";

type Option = Extract<Question, { type: "choice" }>["options"][number];

/** For whom, for how long, about what: the rest of the hold. */
export interface AskOptions
  extends
    Omit<NewHold, "kind" | "action" | "question" | "provider" | "scopes" | "purpose">,
    Pick<CallOptions, "idempotencyKey" | "signal"> {
  /** How to decide it, in Markdown, beside the question. */
  guidance?: string | undefined;
}

/** How a question ended. `pending`: the time to wait was over first. */
export type AskOutcome<Answer> =
  | { outcome: "answered"; answer: Answer; comment: string | null; by: Outcome["by"]; hold: Hold }
  | { outcome: Exclude<HoldStatus, "answered">; comment: string | null; hold: Hold };

/** A question that was asked. */
export interface AskedQuestion<Answer> {
  /** The id of its hold. */
  readonly id: string;
  /** The hold as it was made. */
  readonly hold: Hold;
  /** Waits for the outcome; a "no", or that nobody answered, is one too and throws nothing. */
  wait(options?: WaitOptions): Promise<AskOutcome<Answer>>;
  /** Takes the question back. Throws `already_decided` (409) when it is too late. */
  cancel(reason?: string): Promise<void>;
}

/**
 * Asks people: members of the organisation, or with `endUserId` the person that the agent works for.
 *
 * Each method makes a hold of kind `clarification` and answers with it at once. A wrong answer is refused by the service,
 * so what `wait()` gives fits the question.
 *
 * ```ts
 * const question = await holdpoint.ask.choice("Which account?", ["Current", "Savings"]);
 * const outcome = await question.wait();
 * if (outcome.outcome === "answered") console.log(outcome.answer);
 * ```
 */
export class Ask {
  readonly #holds: Holds;

  constructor(holds: Holds) {
    this.#holds = holds;
  }

  /** For something that fits the JSON Schema; `{type: "string"}` asks for a line of text. */
  input<Answer extends JsonValue = JsonValue>(
    title: string,
    schema: JsonObject,
    options: AskOptions = {},
  ): Promise<AskedQuestion<Answer>> {
    return this.#ask(title, { type: "input", schema }, options);
  }

  /** For one of the options; with `multiple` for one or more of them. A plain value is its own label. */
  choice<Value extends JsonValue>(
    title: string,
    options: readonly (Value | (Option & { value: Value }))[],
    more: AskOptions & { multiple: true },
  ): Promise<AskedQuestion<Value[]>>;
  choice<Value extends JsonValue>(
    title: string,
    options: readonly (Value | (Option & { value: Value }))[],
    more?: AskOptions & { multiple?: false },
  ): Promise<AskedQuestion<Value>>;
  choice(
    title: string,
    options: readonly (JsonValue | Option)[],
    { multiple = false, ...more }: AskOptions & { multiple?: boolean } = {},
  ): Promise<AskedQuestion<JsonValue>> {
    return this.#ask(title, { type: "choice", options: options.map(optionOf), multiple }, more);
  }

  /** Whether the value is right; the person may correct it, within the schema or else within its type. */
  value<Value extends JsonValue>(
    title: string,
    value: Value,
    { schema, ...options }: AskOptions & { schema?: JsonObject } = {},
  ): Promise<AskedQuestion<Value>> {
    return this.#ask(title, { type: "value", value, schema }, options);
  }

  /** Yes or no. Both are answers. */
  verify(title: string, options: AskOptions = {}): Promise<AskedQuestion<boolean>> {
    return this.#ask(title, { type: "verification" }, options);
  }

  /**
   * To do something at a link (https, or http on loopback), behind a button with that label. The person confirms that it
   * is done; with `requireConfirmation: false` the service is told otherwise.
   */
  action(
    title: string,
    link: { url: string; label: string; requireConfirmation?: boolean },
    options: AskOptions = {},
  ): Promise<AskedQuestion<true>> {
    return this.#ask(title, { type: "action", requireConfirmation: true, ...link }, options);
  }

  /** Something that your own screens know by `name` how to present. */
  custom<Answer extends JsonValue = JsonValue>(
    title: string,
    question: { name: string; data?: JsonValue; schema?: JsonObject },
    options: AskOptions = {},
  ): Promise<AskedQuestion<Answer>> {
    return this.#ask(title, { type: "custom", ...question }, options);
  }

  async #ask<Answer>(
    title: string,
    question: Question,
    { guidance, idempotencyKey, signal, ...hold }: AskOptions,
  ): Promise<AskedQuestion<Answer>> {
    const asked = { ...question, guidance };
    const holds = this.#holds;
    const made = (await holds.create(
      { title, ...hold, kind: "clarification", question: asked },
      { signal, ...(idempotencyKey === undefined ? {} : { idempotencyKey }) },
    )) as Hold; // a question never proceeds by itself
    return {
      id: made.id,
      hold: made,
      wait: async (options) => outcomeOf<Answer>(await holds.wait(made.id, options)),
      cancel: async (reason) => void (await holds.cancel(made.id, reason)),
    };
  }
}

function optionOf(option: JsonValue | Option): Option {
  if (isOption(option)) return option;
  return { value: option, label: typeof option === "string" ? option : JSON.stringify(option) };
}

function isOption(option: JsonValue | Option): option is Option {
  return typeof option === "object" && option !== null && "label" in option && "value" in option;
}

function outcomeOf<Answer>(hold: Hold): AskOutcome<Answer> {
  const comment = hold.outcome?.comment ?? null;
  if (hold.status !== "answered" || hold.outcome === null) {
    return { outcome: hold.status as Exclude<HoldStatus, "answered">, comment, hold };
  }
  return {
    outcome: "answered",
    answer: hold.outcome.answer as Answer,
    comment,
    by: hold.outcome.by,
    hold,
  };
}
