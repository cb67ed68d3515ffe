import type { AnyQuestion } from "@holdpoint/client";
import { assertNever } from "./assert-never.ts";
import type { AuthorizeAnswer, JsonObject, JsonValue } from "@holdpoint/protocol";
import { UsageError } from "../exit-code.ts";
import { renderFact } from "../holds/facts.ts";
import { parseTypedText } from "../holds/typed-value.ts";
import { printable } from "../terminal/printable.ts";
import type { Questioner } from "../terminal/questioner.ts";
import { fieldsOf, type Field } from "./form.ts";
import { optionsNamed, type Choice } from "./options.ts";
import { fieldInWords } from "./question-lines.ts";
import { readAnswer, yesOrNo } from "./typed-answer.ts";

/** Where a question is asked: the keyboard, what is said beside it, and what ends it. */
export interface Terminal {
  questioner: Questioner;
  say(line: string): void;
  /** Fires when the question is over elsewhere. */
  signal: AbortSignal;
  /** The address where an end user signs in. */
  authorize(): Promise<AuthorizeAnswer>;
}

/** What the person said; `leave` decides nothing. */
export type Said =
  | { type: "answer"; answer: JsonValue }
  | { type: "decline"; comment: string }
  | { type: "leave" };

const WAYS_OUT = "/decline, /leave";

/**
 * Asks a question that was just shown, until there is something to do about it. Nothing is answered by Enter alone: no
 * question has a default. `/decline` is a no, `/leave` decides nothing; a text that begins with a slash has two of them.
 */
export async function present(question: AnyQuestion, terminal: Terminal): Promise<Said> {
  try {
    const answer = await ask(question, terminal);
    return answer === undefined ? { type: "leave" } : { type: "answer", answer };
  } catch (error) {
    if (!(error instanceof WayOut)) throw error;
    if (error.word === "/leave") return { type: "leave" };
    return { type: "decline", comment: await line(terminal, "Reason, which the agent will read: ") };
  }
}

function ask(question: AnyQuestion, terminal: Terminal): Promise<JsonValue | undefined> {
  switch (question.type) {
    case "verification":
      return until(terminal, `yes, no, ${WAYS_OUT}? `, yesOrNo);
    case "choice":
      return askChoice(question, terminal);
    case "action":
      return question.requireConfirmation
        ? until(terminal, `done, once it is done; ${WAYS_OUT}? `, (word) => word === "done" || undefined)
        : until(terminal, `It goes on by itself, once it is done. ${WAYS_OUT}? `, () => undefined);
    case "value":
      return askValue(question, terminal);
    case "input":
      return askBySchema(question.schema, terminal);
    case "custom":
      return askBySchema(question.schema ?? {}, terminal);
    case "authorization":
      return askToAuthorize(terminal);
    default:
      return assertNever(question);
  }
}

function askChoice(question: Choice, terminal: Terminal): Promise<JsonValue> {
  const several = question.multiple ? "Which ones, with commas between" : "Which one";
  return until(terminal, `${several}; or ${WAYS_OUT}? `, (words) => {
    // A label may have a comma of its own.
    const isOne = !question.multiple || optionsNamed(question, words).length > 0;
    const names = isOne ? [words] : words.split(",");
    return readAnswer(question, { choose: names.map((name) => name.trim()) });
  });
}

async function askValue(
  question: Extract<AnyQuestion, { type: "value" }>,
  terminal: Terminal,
): Promise<JsonValue> {
  const prompt = `Is ${renderFact(question.value)} right: yes, edit, ${WAYS_OUT}? `;
  const word = await until(terminal, prompt, (typed) => ["yes", "edit"].find((known) => known === typed));
  if (word === "yes") return question.value;
  return until(terminal, "The right value: ", (words) => readAnswer(question, { words }));
}

/** A form for an object, a line for anything else, JSON where nothing says what it is to be. */
async function askBySchema(schema: JsonObject, terminal: Terminal): Promise<JsonValue> {
  const fields = fieldsOf(schema);
  if (fields !== undefined) return askForm(fields, terminal);
  const isAnything = !["type", "enum", "anyOf", "oneOf"].some((keyword) => keyword in schema);
  return until(terminal, `Your answer${isAnything ? ", as JSON" : ""}; or ${WAYS_OUT}: `, (words) =>
    isAnything ? readJson(words) : parseTypedText(words, schema, undefined, "the answer"),
  );
}

async function askForm(fields: Field[], terminal: Terminal): Promise<JsonObject> {
  for (;;) {
    terminal.say(`Enter leaves a field out that is not required. ${WAYS_OUT} end it.`);
    const form: JsonObject = {};
    for (const field of fields) {
      const value = await askField(field, terminal);
      if (value !== undefined) form[field.name] = value;
    }
    terminal.say(`  ${renderFact(form)}`);
    const prompt = "Type send to answer so, or back: ";
    const word = await until(terminal, prompt, (typed) => ["send", "back"].find((known) => known === typed));
    if (word === "send") return form;
  }
}

async function askField(field: Field, terminal: Terminal): Promise<JsonValue | undefined> {
  for (;;) {
    const words = await line(terminal, `  ${printable(field.name)} (${fieldInWords(field)}): `, {
      mayBeEmpty: !field.isRequired,
    });
    if (words === "") return undefined;
    const value = read(terminal, () => parseTypedText(words, field.schema, undefined, field.name));
    if (value !== undefined) return value;
  }
}

async function askToAuthorize(terminal: Terminal): Promise<undefined> {
  const prompt = `open, for the address to sign in at; ${WAYS_OUT}? `;
  for (;;) {
    await until(terminal, prompt, (word) => word === "open" || undefined);
    const { url } = await terminal.authorize();
    terminal.say(`  ${printable(url)}`);
    terminal.say("  It works once, for ten minutes. It goes on by itself, once they have signed in.");
  }
}

/** Asks until `understand` makes something of the words; what it says of them is told. Throws {@link WayOut}. */
async function until<Value extends JsonValue>(
  terminal: Terminal,
  prompt: string,
  understand: (words: string) => Value | undefined,
): Promise<Value> {
  for (;;) {
    const words = await line(terminal, prompt);
    const value = read(terminal, () => understand(words));
    if (value !== undefined) return value;
  }
}

function read<Value>(terminal: Terminal, understand: () => Value): Value | undefined {
  try {
    return understand();
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    terminal.say(`  ${error.message}`);
    return undefined;
  }
}

async function line(
  { questioner, signal }: Terminal,
  prompt: string,
  { mayBeEmpty = false } = {},
): Promise<string> {
  for (;;) {
    const words = await questioner.ask(prompt, signal);
    if (words === "/decline" || words === "/leave") throw new WayOut(words);
    if (words !== "" || mayBeEmpty) return words.startsWith("//") ? words.slice(1) : words;
  }
}

function readJson(words: string): JsonValue {
  try {
    return JSON.parse(words) as JsonValue;
  } catch (error) {
    throw new UsageError(`That is not JSON: ${error instanceof Error ? printable(error.message) : ""}`);
  }
}

/** The person wants none of the answers. */
class WayOut extends Error {
  override name = "WayOut";
  readonly word: "/decline" | "/leave";

  constructor(word: "/decline" | "/leave") {
    super(word);
    this.word = word;
  }
}
