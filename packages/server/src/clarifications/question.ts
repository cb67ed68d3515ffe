import { questionSchema, type JsonObject, type JsonValue } from "@holdpoint/protocol";
import { z } from "zod";
import { answerSchema } from "../agents/tool-schema.ts";
import { SchemaCheck } from "../holds/schema-check.ts";

/** A question as code writes it, and how its answer is read back. */
export interface TypedQuestion<Answer> {
  readonly question: JsonObject;
  /** The answer as the tool gets it; throws where it does not fit after all. What JSON Schema can say was checked already. */
  read(answer: JsonValue): Answer;
}

/** A Zod schema, or a JSON Schema. */
export type AnswerSchema = z.ZodType | JsonObject;
export type AnswerOf<Schema extends AnswerSchema> = Schema extends z.ZodType ? z.output<Schema> : JsonValue;

/** A choice: the value itself where it can be read, or a value with a label. */
export type ChoiceOption<Value extends JsonValue> =
  | Value
  | { value: Value; label: string; detail?: string | undefined };

export interface LinkToVisit {
  /** https, or http on loopback. */
  url: string;
  /** On the button; the address itself is not shown. */
  label: string;
  /** The person says when it is done. Default false: then an event has to say it. */
  requireConfirmation?: boolean | undefined;
}

export interface CustomQuestion<Schema extends AnswerSchema = AnswerSchema> {
  /** Which of your own screens shows it. */
  name: string;
  data?: JsonValue | undefined;
  schema?: Schema | undefined;
}

type Guidance = string | undefined;

export function actionQuestion(link: LinkToVisit, guidance: Guidance): TypedQuestion<JsonValue> {
  return { question: checked({ type: "action", ...link, guidance }), read: (answer) => answer };
}

export function inputQuestion<Schema extends AnswerSchema>(
  schema: Schema,
  guidance: Guidance,
): TypedQuestion<AnswerOf<Schema>> {
  return {
    question: checked({ type: "input", schema: jsonSchemaOf(schema), guidance }),
    read: readerOf(schema),
  };
}

export function choiceQuestion<Value extends JsonValue>(
  options: readonly ChoiceOption<Value>[],
  multiple: boolean,
  guidance: Guidance,
): TypedQuestion<JsonValue> {
  if (!Array.isArray(options)) throw new TypeError("A choice needs a list of options.");
  return {
    question: checked({ type: "choice", options: options.map(optionOf), multiple, guidance }),
    read: (answer) => answer,
  };
}

export function valueQuestion<Value extends JsonValue>(
  value: Value,
  schema: AnswerSchema | undefined,
  guidance: Guidance,
): TypedQuestion<Value> {
  const question = checked({
    type: "value",
    value,
    ...(schema !== undefined && { schema: jsonSchemaOf(schema) }),
    guidance,
  });
  // Without a schema the answer has the value's own type: the door sees to that.
  return { question, read: schema === undefined ? asIs : (readerOf(schema) as (answer: JsonValue) => Value) };
}

export function verificationQuestion(guidance: Guidance): TypedQuestion<boolean> {
  return { question: checked({ type: "verification", guidance }), read: (answer) => answer === true };
}

export function customQuestion<Schema extends AnswerSchema>(
  { name, data, schema }: CustomQuestion<Schema>,
  guidance: Guidance,
): TypedQuestion<AnswerOf<Schema>> {
  const question = checked({
    type: "custom",
    name,
    ...(data !== undefined && { data }),
    ...(schema !== undefined && { schema: jsonSchemaOf(schema) }),
    guidance,
  });
  return { question, read: schema === undefined ? asIs : readerOf(schema) };
}

function asIs(answer: JsonValue): never {
  // What it must be is what was asked, and the door has checked it.
  return answer as never;
}

function readerOf<Schema extends AnswerSchema>(schema: Schema): (answer: JsonValue) => AnswerOf<Schema> {
  if (schema instanceof z.ZodType) return (answer) => schema.parse(answer) as AnswerOf<Schema>;
  return asIs;
}

function optionOf(option: ChoiceOption<JsonValue>): JsonObject {
  if (typeof option === "string" || typeof option === "number" || typeof option === "boolean")
    return { value: option, label: String(option) };
  if (typeof option !== "object" || option === null || Array.isArray(option) || !("label" in option))
    throw new TypeError("An option of a choice is text, a number, or {value, label, detail?}.");
  return option as JsonObject;
}

const schemas = new SchemaCheck();

function jsonSchemaOf(schema: AnswerSchema): JsonObject {
  if (schema instanceof z.ZodType) return answerSchema(schema);
  schemas.check(schema, null); // throws for what is no JSON Schema
  return schema;
}

/** As it is stored and hashed. Throws a TypeError that says what is wrong with it. */
function checked(question: object): JsonObject {
  const parsed = questionSchema.safeParse(JSON.parse(JSON.stringify(question)));
  if (parsed.success) return parsed.data as JsonObject;
  const issue = parsed.error.issues[0];
  throw new TypeError(`This cannot be asked: ${issue?.path.join(".") ?? ""} ${issue?.message ?? ""}.`);
}
