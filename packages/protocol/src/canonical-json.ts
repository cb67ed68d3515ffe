import type { JsonValue } from "./json-value.ts";

/**
 * Writes `value` as canonical JSON (RFC 8785): no white space, members sorted by UTF-16 code units, numbers as
 * ECMAScript writes them. Two values that mean the same give the same text, whatever the order of their keys.
 *
 * Throws a `TypeError` for what is not JSON (non-finite numbers, undefined, lone surrogates): a hash over something
 * silently left out would bind a decision to less than was shown (I8).
 */
export function canonicalJson(value: JsonValue): string {
  switch (typeof value) {
    case "string":
      return canonicalString(value);
    case "number":
      if (!Number.isFinite(value)) throw new TypeError(`${value} has no canonical JSON.`);
      return JSON.stringify(value);
    case "boolean":
      return value ? "true" : "false";
    case "object":
      if (value === null) return "null";
      return Array.isArray(value) ? canonicalArray(value) : canonicalObject(value);
    default:
      throw new TypeError(`A value of type ${typeof value} has no canonical JSON.`);
  }
}

// Every event and every action passes here, so that text is put together without arrays in between.
function canonicalArray(values: readonly JsonValue[]): string {
  let text = "[";
  for (let index = 0; index < values.length; index++) {
    if (index > 0) text += ",";
    text += canonicalJson(values[index] as JsonValue);
  }
  return `${text}]`;
}

function canonicalObject(value: { readonly [key: string]: JsonValue }): string {
  let text = "{";
  // By UTF-16 code units, as RFC 8785 section 3.2.3 asks.
  for (const key of Object.keys(value).sort()) {
    if (text.length > 1) text += ",";
    text += `${canonicalString(key)}:${canonicalJson(value[key] as JsonValue)}`;
  }
  return `${text}}`;
}

function canonicalString(text: string): string {
  if (!text.isWellFormed()) throw new TypeError("A string with a lone surrogate has no canonical JSON.");
  return JSON.stringify(text);
}
