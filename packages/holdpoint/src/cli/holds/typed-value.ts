import { isJsonObject, parseJson, type JsonObject, type JsonValue } from "@holdpoint/protocol";
import { UsageError } from "../exit-code.ts";
import { printable } from "../terminal/printable.ts";

/** One change that the person wants: `count=10`, or with JSON on the right side. */
export interface Assignment {
  path: string;
  text: string;
  isJson: boolean;
}

/** Reads `name=value`. Throws {@link UsageError}. */
export function parseAssignment(option: string, isJson: boolean): Assignment {
  const equals = option.indexOf("=");
  if (equals < 1) {
    throw new UsageError(
      `Write ${isJson ? "--set-json" : "--set"} name=value, not ${JSON.stringify(option)}.`,
    );
  }
  return { path: option.slice(0, equals), text: option.slice(equals + 1), isJson };
}

/**
 * The arguments with the changes applied, each typed by the tool's schema: a number stays a number. The given
 * arguments are left as they are. Throws {@link UsageError} for a field that does not exist and a value that is none.
 */
export function applyAssignments(
  proposed: JsonObject,
  schema: JsonObject | null,
  assignments: readonly Assignment[],
): JsonObject {
  const edited = structuredClone(proposed);
  for (const assignment of assignments) applyAssignment(edited, schema ?? {}, assignment);
  return edited;
}

function applyAssignment(edited: JsonObject, root: JsonObject, assignment: Assignment): void {
  const path = splitPath(edited, root, assignment.path);
  let [holder, schema]: [JsonObject, JsonObject | undefined] = [edited, root];
  for (const name of path.slice(0, -1)) {
    const next = holder[name];
    if (!isJsonObject(next))
      throw new UsageError(`There is no object at "${printable(name)}" to set a field of.`);
    holder = next;
    schema = schemaOfField(schema, name, root);
  }
  const name = path.at(-1) as string;
  const field = schemaOfField(schema, name, root);
  refuseUnknown(name, holder, resolve(schema, root));
  holder[name] = assignment.isJson
    ? parseJsonText(assignment)
    : parseTypedText(assignment.text, field, Object.hasOwn(holder, name) ? holder[name] : undefined, name);
}

/** A dot leads into an object, unless there is a field of that very name. */
function splitPath(edited: JsonObject, root: JsonObject, path: string): string[] {
  const properties = root["properties"];
  if (Object.hasOwn(edited, path) || (isJsonObject(properties) && Object.hasOwn(properties, path)))
    return [path];
  return path.split(".");
}

function refuseUnknown(name: string, holder: JsonObject, schema: JsonObject | undefined): void {
  if (name === "__proto__") throw new UsageError("A field cannot be named __proto__.");
  const properties = schema?.["properties"];
  if (Object.hasOwn(holder, name) || (isJsonObject(properties) && Object.hasOwn(properties, name))) return;
  if (isJsonObject(properties) && schema?.["additionalProperties"] === false) {
    throw new UsageError(
      `The action has no field "${printable(name)}". It takes ${Object.keys(properties)
        .map((key) => printable(key))
        .join(", ")}.`,
    );
  }
}

function parseJsonText(assignment: Assignment): JsonValue {
  try {
    return parseJson(assignment.text);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new UsageError(`The value of ${printable(assignment.path)} is not JSON: ${printable(why)}`);
  }
}

/** What the person typed, as the field's type. Exported for the questions of the interactive editor. */
export function parseTypedText(
  text: string,
  schema: JsonObject | undefined,
  current: JsonValue | undefined,
  name: string,
): JsonValue {
  const choices = schema?.["enum"];
  if (Array.isArray(choices)) {
    const choice = choices.find((candidate) => candidate === text || JSON.stringify(candidate) === text);
    if (choice !== undefined) return choice;
    throw new UsageError(
      `${printable(name)} must be one of ${choices.map((value) => JSON.stringify(value)).join(", ")}.`,
    );
  }
  const types = typesOf(schema, current);
  if (types.length === 0) {
    throw new UsageError(
      `The type of ${printable(name)} is not known. Write it as JSON: --set-json ${printable(name)}=…`,
    );
  }
  for (const type of types) {
    const value = readAs(type, text);
    if (value !== undefined) return value;
  }
  throw new UsageError(
    `${printable(name)} must be ${types.map(article).join(" or ")}, not "${printable(text)}".`,
  );
}

/** The schema of a field, with references and the alternatives of a nullable looked through. */
export function schemaOfField(
  schema: JsonObject | undefined,
  name: string,
  root: JsonObject,
): JsonObject | undefined {
  const properties = resolve(schema, root)?.["properties"];
  const field = isJsonObject(properties) && Object.hasOwn(properties, name) ? properties[name] : undefined;
  return isJsonObject(field) ? resolve(field, root) : undefined;
}

function resolve(schema: JsonObject | undefined, root: JsonObject): JsonObject | undefined {
  const reference = schema?.["$ref"];
  if (typeof reference !== "string" || !reference.startsWith("#/")) return schema;
  let target: JsonValue | undefined = root;
  for (const part of reference.slice(2).split("/")) {
    const name = decodeURIComponent(part).replaceAll("~1", "/").replaceAll("~0", "~");
    target = isJsonObject(target) && Object.hasOwn(target, name) ? target[name] : undefined;
  }
  return isJsonObject(target) ? target : undefined;
}

/** Strings last: what can be read as the narrower type is meant so. */
function typesOf(schema: JsonObject | undefined, current: JsonValue | undefined): string[] {
  const alternatives = schema?.["anyOf"] ?? schema?.["oneOf"];
  const named = Array.isArray(alternatives)
    ? alternatives.flatMap((option) => (isJsonObject(option) ? typeList(option["type"]) : []))
    : typeList(schema?.["type"]);
  const types =
    named.length > 0 || current === undefined || current === null ? named : [typeOfValue(current)];
  return types.toSorted((left, right) => Number(left === "string") - Number(right === "string"));
}

function typeList(type: JsonValue | undefined): string[] {
  if (typeof type === "string") return [type];
  return Array.isArray(type) ? type.filter((name) => typeof name === "string") : [];
}

function typeOfValue(value: JsonValue): string {
  if (Array.isArray(value)) return "array";
  return typeof value;
}

function readAs(type: string, text: string): JsonValue | undefined {
  switch (type) {
    case "string":
      return text;
    case "integer":
      return /^-?\d+$/.test(text) && Number.isSafeInteger(Number(text)) ? Number(text) : undefined;
    case "number":
      return /^-?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) && Number.isFinite(Number(text))
        ? Number(text)
        : undefined;
    case "boolean":
      return text === "true" ? true : text === "false" ? false : undefined;
    case "null":
      return text === "null" ? null : undefined;
    case "object":
    case "array": {
      const value = tryJson(text);
      return (type === "array" ? Array.isArray(value) : isJsonObject(value)) ? value : undefined;
    }
    default:
      return undefined;
  }
}

function tryJson(text: string): JsonValue | undefined {
  try {
    return parseJson(text);
  } catch {
    return undefined;
  }
}

function article(type: string): string {
  switch (type) {
    case "integer":
      return "a whole number";
    case "boolean":
      return "true or false";
    case "null":
      return "null";
    case "object":
    case "array":
      return `a JSON ${type}`;
    default:
      return `a ${type}`;
  }
}
