import { isJsonObject, type JsonObject } from "@holdpoint/protocol";
import { renderFact } from "../holds/facts.ts";
import { schemaOfField } from "../holds/typed-value.ts";

/** A member of an object that is asked for. */
export interface Field {
  name: string;
  schema: JsonObject;
  isRequired: boolean;
}

/** The fields of an object's schema; undefined where something else than an object is asked for. */
export function fieldsOf(schema: JsonObject): Field[] | undefined {
  const { properties, required } = schema;
  if (!isJsonObject(properties)) return undefined;
  return Object.keys(properties).map((name) => ({
    name,
    schema: schemaOfField(schema, name, schema) ?? {},
    isRequired: Array.isArray(required) && required.includes(name),
  }));
}

const TYPES: Record<string, string> = {
  string: "a text",
  integer: "a whole number",
  number: "a number",
  boolean: "true or false",
  null: "null",
  array: "a JSON list",
  object: "a JSON object",
};
const BOUNDS: [keyword: string, words: string][] = [
  ["minimum", "at least"],
  ["exclusiveMinimum", "over"],
  ["maximum", "at most"],
  ["exclusiveMaximum", "under"],
  ["minLength", "characters at least"],
  ["maxLength", "characters at most"],
  ["format", "format"],
];

/** What fits a schema, in a few words; the service knows the rest and says it when something does not fit. */
export function typeInWords(schema: JsonObject): string {
  const choices = schema["enum"];
  if (Array.isArray(choices)) return `one of ${choices.map((choice) => renderFact(choice)).join(", ")}`;
  if ("const" in schema) return renderFact(schema["const"]);
  const types = [schema["type"] ?? []]
    .flat()
    .flatMap((type) => (typeof type === "string" ? (TYPES[type] ?? []) : []));
  const bounds = BOUNDS.filter(([keyword]) => keyword in schema).map(
    ([keyword, words]) => `${words} ${renderFact(schema[keyword])}`,
  );
  return [types.length === 0 ? "any JSON" : types.join(" or "), ...bounds].join(", ");
}
