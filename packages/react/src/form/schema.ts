import { isJsonObject, type JsonObject, type JsonValue } from "@holdpoint/protocol";

/** What a field of the form is, read out of a JSON Schema. Whatever is not understood is `json`: the editor takes it. */
export type Shape =
  | { kind: "text"; isLong: boolean; input: "text" | "email" | "url" | "date" }
  | { kind: "number"; isInteger: boolean }
  | { kind: "boolean" }
  | { kind: "choice"; values: JsonValue[]; titles?: (string | undefined)[] }
  | { kind: "object"; fields: FieldShape[]; isOpen: boolean }
  | { kind: "array"; item: Field }
  | { kind: "json" };

export interface Field {
  shape: Shape;
  isNullable: boolean;
  title: string | undefined;
  description: string | undefined;
  /** Bounds in words: `at least 1, at most 100`. */
  bounds: string | undefined;
}

export interface FieldShape {
  name: string;
  field: Field;
  isRequired: boolean;
}

const MAX_DEPTH = 6;
/** What the titles of a `oneOf` of constants are kept under, until the shape has them. */
const TITLES = "x-titles";

/** Reads a schema; with none, or one that says nothing, the value itself says what it is. */
export function readField(
  schema: JsonValue | undefined,
  root: JsonObject,
  value: JsonValue | undefined,
  depth = 0,
): Field {
  const found = resolve(schema, root);
  const alternatives = nonNull(found, root);
  const only = alternatives.length === 1 ? alternatives[0] : undefined;
  const base = only ?? found;
  return {
    shape:
      depth > MAX_DEPTH || (only === undefined && alternatives.length > 1)
        ? { kind: "json" }
        : readShape(base, root, value, depth),
    isNullable: takesNull(found, root),
    title: text(found["title"]) ?? text(base["title"]),
    description: text(found["description"]) ?? text(base["description"]),
    bounds: readBounds(base),
  };
}

function readShape(schema: JsonObject, root: JsonObject, value: JsonValue | undefined, depth: number): Shape {
  if (Array.isArray(schema["enum"])) {
    const titles = schema[TITLES];
    return {
      kind: "choice",
      values: schema["enum"],
      ...(Array.isArray(titles) ? { titles: titles.map(text) } : {}),
    };
  }
  if (schema["const"] !== undefined) return { kind: "choice", values: [schema["const"]] };
  const type = typeOf(schema, value);
  switch (type) {
    case "string":
      return {
        kind: "text",
        isLong: isLong(schema, value),
        input: inputOf(schema["format"]),
      };
    case "integer":
    case "number":
      return { kind: "number", isInteger: type === "integer" };
    case "boolean":
      return { kind: "boolean" };
    case "object":
      return readObject(schema, root, value, depth);
    case "array": {
      const items = schema["items"];
      const sample = Array.isArray(value) ? value[0] : undefined;
      return isJsonObject(items) || sample !== undefined
        ? { kind: "array", item: readField(items, root, sample, depth + 1) }
        : { kind: "json" };
    }
    default:
      return { kind: "json" };
  }
}

function readObject(
  schema: JsonObject,
  root: JsonObject,
  value: JsonValue | undefined,
  depth: number,
): Shape {
  const properties = isJsonObject(schema["properties"]) ? schema["properties"] : {};
  const required = Array.isArray(schema["required"]) ? schema["required"] : [];
  const present = isJsonObject(value) ? value : {};
  const names = [...new Set([...Object.keys(properties), ...Object.keys(present)])];
  if (names.length === 0 && schema["additionalProperties"] !== false) return { kind: "json" };
  return {
    kind: "object",
    isOpen: schema["additionalProperties"] !== false,
    fields: names.map((name) => ({
      name,
      isRequired: required.includes(name),
      field: readField(member(properties, name), root, member(present, name), depth + 1),
    })),
  };
}

function typeOf(schema: JsonObject, value: JsonValue | undefined): string {
  const declared = schema["type"];
  if (typeof declared === "string") return declared;
  if (Array.isArray(declared)) {
    const types = declared.filter((name) => name !== "null");
    return types.length === 1 && typeof types[0] === "string" ? types[0] : "any";
  }
  if (isJsonObject(schema["properties"])) return "object";
  // Anything with rules of its own that are not understood here is left to the editor.
  if (["anyOf", "oneOf", "allOf", "not", "if", "$ref"].some((name) => schema[name] !== undefined))
    return "any";
  if (value === undefined || value === null) return "any";
  return Array.isArray(value) ? "array" : typeof value;
}

/** The alternatives of a schema that are not null: one, where null is the only other. */
function nonNull(schema: JsonObject, root: JsonObject): JsonObject[] {
  const alternatives = schema["anyOf"] ?? schema["oneOf"];
  if (!Array.isArray(alternatives)) return [];
  const found = alternatives.map((entry) => resolve(entry, root)).filter((entry) => entry["type"] !== "null");
  const constants = found.map((entry) => entry["const"]);
  // oneOf of constants is a choice with titles.
  if (found.length > 1 && constants.every((constant) => constant !== undefined)) {
    return [{ enum: constants, [TITLES]: found.map((entry) => entry["title"] ?? null) }];
  }
  return found;
}

function takesNull(schema: JsonObject, root: JsonObject): boolean {
  const { type } = schema;
  if (type === "null" || (Array.isArray(type) && type.includes("null"))) return true;
  if (schema["nullable"] === true) return true;
  const alternatives = schema["anyOf"] ?? schema["oneOf"];
  return Array.isArray(alternatives) && alternatives.some((entry) => resolve(entry, root)["type"] === "null");
}

function resolve(schema: JsonValue | undefined, root: JsonObject): JsonObject {
  let found = schema;
  for (let hops = 0; hops < 10; hops++) {
    if (!isJsonObject(found)) return {};
    const reference = found["$ref"];
    if (typeof reference !== "string" || !reference.startsWith("#/")) return found;
    found = reference
      .slice(2)
      .split("/")
      .map((part) => part.replaceAll("~1", "/").replaceAll("~0", "~"))
      .reduce<JsonValue | undefined>((at, name) => (isJsonObject(at) ? member(at, name) : undefined), root);
  }
  return {};
}

function readBounds(schema: JsonObject): string | undefined {
  const words = (
    [
      ["minimum", "at least"],
      ["exclusiveMinimum", "more than"],
      ["maximum", "at most"],
      ["exclusiveMaximum", "less than"],
      ["minItems", "at least", "entries"],
      ["maxItems", "at most", "entries"],
    ] as const
  ).flatMap(([key, phrase, unit]) => {
    const bound = schema[key];
    // Zod writes the safe integers as bounds of every integer; they tell nobody anything.
    if (typeof bound !== "number" || Math.abs(bound) >= Number.MAX_SAFE_INTEGER) return [];
    return [`${phrase} ${bound}${unit === undefined ? "" : ` ${unit}`}`];
  });
  const length = schema["maxLength"];
  if (typeof length === "number") words.push(`at most ${length} characters`);
  return words.length === 0 ? undefined : words.join(", ");
}

function isLong(schema: JsonObject, value: JsonValue | undefined): boolean {
  const length = schema["maxLength"];
  if (typeof value === "string" && (value.length > 60 || value.includes("\n"))) return true;
  return typeof length === "number" && length > 200;
}

function inputOf(format: JsonValue | undefined): "text" | "email" | "url" | "date" {
  if (format === "email") return "email";
  if (format === "uri" || format === "url") return "url";
  return format === "date" ? "date" : "text";
}

function member(object: JsonObject, name: string): JsonValue | undefined {
  return Object.hasOwn(object, name) ? object[name] : undefined;
}

function text(value: JsonValue | undefined): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}
