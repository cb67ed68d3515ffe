import { canonicalJson } from "./canonical-json.ts";
import { isJsonObject, type JsonObject, type JsonValue } from "./json-value.ts";
import type { Reversibility } from "./legality.ts";
import { sha256Of, type Sha256 } from "./sha256.ts";

/** What an approval takes for granted about a tool. */
export interface ToolIdentity {
  name: string;
  /** JSON Schema of the arguments; absent for a tool without one. */
  inputSchema?: JsonValue | undefined;
  reversibility?: Reversibility | null | undefined;
  /** The developer's own version: changing it voids open decisions even when nothing else changed. */
  version?: string | null | undefined;
}

/**
 * Hashes a tool's definition. A change of name, schema, reversibility or version changes the hash and so voids
 * decisions that were made before it (I8); a new description, another order of keys, of `required` or of `enum`
 * changes nothing.
 */
export function toolHash(tool: ToolIdentity): Sha256 {
  return sha256Of(
    canonicalJson({
      name: tool.name,
      inputSchema: tool.inputSchema === undefined ? null : normalizeSchema(tool.inputSchema),
      reversibility: tool.reversibility ?? null,
      version: tool.version ?? null,
    }),
  );
}

// Where a JSON Schema holds further schemas. Everything else (`default`, `const`, `examples`) is data and is kept as
// it is: a *property* called `description` is no description.
const ONE_SCHEMA = new Set([
  "additionalItems",
  "additionalProperties",
  "contains",
  "contentSchema",
  "else",
  "if",
  "items",
  "not",
  "propertyNames",
  "then",
  "unevaluatedItems",
  "unevaluatedProperties",
]);
const SCHEMA_LIST = new Set(["allOf", "anyOf", "items", "oneOf", "prefixItems"]);
const SCHEMA_MAP = new Set(["$defs", "definitions", "dependentSchemas", "patternProperties", "properties"]);
const UNORDERED = new Set(["enum", "required"]);
const IGNORED = new Set(["$schema", "description"]);

function normalizeSchema(schema: JsonValue): JsonValue {
  if (!isJsonObject(schema)) return schema;
  const normal: JsonObject = {};
  for (const [keyword, value] of Object.entries(schema)) {
    if (!IGNORED.has(keyword)) normal[keyword] = normalizeKeyword(keyword, value);
  }
  return normal;
}

function normalizeKeyword(keyword: string, value: JsonValue): JsonValue {
  if (UNORDERED.has(keyword) && Array.isArray(value)) return value.toSorted(byCanonicalJson);
  if (SCHEMA_LIST.has(keyword) && Array.isArray(value)) return value.map(normalizeSchema);
  if (SCHEMA_MAP.has(keyword) && isJsonObject(value)) return mapValues(value, normalizeSchema);
  if (ONE_SCHEMA.has(keyword)) return normalizeSchema(value);
  return value;
}

function mapValues(object: JsonObject, change: (value: JsonValue) => JsonValue): JsonObject {
  return Object.fromEntries(Object.entries(object).map(([key, value]) => [key, change(value)]));
}

function byCanonicalJson(left: JsonValue, right: JsonValue): number {
  const [a, b] = [canonicalJson(left), canonicalJson(right)];
  return a < b ? -1 : a > b ? 1 : 0;
}
