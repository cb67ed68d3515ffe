import { HoldpointError } from "./error.ts";

/** What can be stored, shown, hashed and executed without becoming something else on the way. */
export type JsonValue = null | boolean | number | string | JsonValue[] | JsonObject;
export interface JsonObject {
  [key: string]: JsonValue;
}

/** A value that JSON cannot carry safely. `path` says where (`items[0].name`), `reason` what is wrong with it. */
export class JsonValueError extends HoldpointError {
  override name = "JsonValueError";
  readonly path: string;
  readonly reason: string;

  constructor(path: string, reason: string) {
    super(path === "" ? `The value ${reason}.` : `The value at ${path} ${reason}.`, {
      code: "invalid_value",
      status: 422,
      details: { errors: [{ path, message: reason }] },
    });
    this.path = path;
    this.reason = reason;
  }
}

const MAX_DEPTH = 100;

/**
 * Copies `value` into plain JSON, or refuses it. The one door for values that come from outside: request bodies,
 * a model's tool arguments, a tool's result.
 *
 * Afterwards the result shares nothing with `value`, holds no `-0`, and `JSON.parse(JSON.stringify(result))` equals
 * it. Throws {@link JsonValueError} for unsafe integers, non-finite numbers, U+0000, lone surrogates, an own
 * `__proto__` key, big integers, dates, maps, sets, class instances, functions, symbols, undefined, cycles, and
 * nesting deeper than 100.
 *
 * @param path where `value` stands in the whole, for messages; default the root.
 */
export function toJsonValue(value: unknown, path = ""): JsonValue {
  return copy(value, path, 0, new Set());
}

/** Like {@link toJsonValue}, for a value that must be an object. */
export function toJsonObject(value: unknown, path = ""): JsonObject {
  const json = toJsonValue(value, path);
  if (!isJsonObject(json)) throw new JsonValueError(path, "must be an object");
  return json;
}

export function isJsonObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/**
 * Reads JSON text into a value that {@link toJsonValue} accepts. Integers beyond 2^53 and numbers beyond a double are
 * refused, since `JSON.parse` has already rounded them. Throws `JsonValueError` for those, `SyntaxError` for text
 * that is not JSON.
 */
export function parseJson(text: string): JsonValue {
  return toJsonValue(JSON.parse(text));
}

/** Writes a path as in messages and in `errors[].path`: `items[0].name`, `headers["x-id"]`. */
export function formatPath(segments: readonly PropertyKey[]): string {
  let path = "";
  for (const segment of segments) {
    path = typeof segment === "number" ? `${path}[${segment}]` : childPath(path, String(segment));
  }
  return path;
}

function copy(value: unknown, path: string, depth: number, ancestors: Set<object>): JsonValue {
  switch (typeof value) {
    case "string":
      refuseText(value, path, "");
      return value;
    case "number":
      return copyNumber(value, path);
    case "boolean":
      return value;
    case "object":
      return value === null ? null : copyObject(value, path, depth, ancestors);
    case "undefined":
      throw new JsonValueError(path, "is undefined");
    case "bigint":
      throw new JsonValueError(path, "is a big integer; send it as a string");
    default:
      throw new JsonValueError(path, `is a ${typeof value}`);
  }
}

function copyNumber(value: number, path: string): number {
  if (!Number.isFinite(value)) throw new JsonValueError(path, "is not a finite number");
  if (Number.isInteger(value) && !Number.isSafeInteger(value)) {
    throw new JsonValueError(path, "is an integer beyond 2^53 - 1; send it as a string");
  }
  return value === 0 ? 0 : value; // -0 becomes 0: JSON text would lose the sign anyway
}

function copyObject(value: object, path: string, depth: number, ancestors: Set<object>): JsonValue {
  if (depth >= MAX_DEPTH) throw new JsonValueError(path, `is nested deeper than ${MAX_DEPTH}`);
  if (ancestors.has(value)) throw new JsonValueError(path, "contains itself");
  ancestors.add(value);
  const json = Array.isArray(value)
    ? copyArray(value, path, depth, ancestors)
    : copyRecord(value, path, depth, ancestors);
  ancestors.delete(value);
  return json;
}

function copyArray(value: unknown[], path: string, depth: number, ancestors: Set<object>): JsonValue[] {
  // Array.from visits holes as undefined, which are then refused; map() would keep them.
  return Array.from(value, (item, index) => copy(item, `${path}[${index}]`, depth + 1, ancestors));
}

function copyRecord(value: object, path: string, depth: number, ancestors: Set<object>): JsonObject {
  if (!isPlain(value))
    throw new JsonValueError(path, `is a ${value.constructor?.name || "class instance"}, not a plain object`);
  if (Object.getOwnPropertySymbols(value).length > 0) throw new JsonValueError(path, "has a symbol as key");
  const json: JsonObject = {};
  for (const [key, member] of Object.entries(value)) {
    const at = childPath(path, key);
    if (key === "__proto__") throw new JsonValueError(at, "must not be named __proto__");
    refuseText(key, at, "has a name that ");
    json[key] = copy(member, at, depth + 1, ancestors);
  }
  return json;
}

/** Plain also when it comes from another realm (a vm context, an iframe): then its prototype is that realm's. */
function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype === null || prototype === Object.prototype) return true;
  return Object.getPrototypeOf(prototype) === null && Object.hasOwn(prototype as object, "isPrototypeOf");
}

function refuseText(text: string, path: string, prefix: string): void {
  if (text.includes("\0")) throw new JsonValueError(path, `${prefix}contains U+0000`);
  if (!text.isWellFormed()) throw new JsonValueError(path, `${prefix}contains a lone surrogate`);
}

function childPath(path: string, key: string): string {
  if (!/^[\p{L}_$][\p{L}\p{N}_$]*$/u.test(key)) return `${path}[${JSON.stringify(key)}]`;
  return path === "" ? key : `${path}.${key}`;
}
