import type { JsonObject, JsonValue } from "@holdpoint/protocol";

/** As long as a condition may be. */
const MAX_LENGTH = 2_000;
const MAX_DEPTH = 8;

/**
 * The condition that is true for exactly these arguments, as in `arguments.table_name == "users" && size(arguments) == 1`:
 * a grant's default, for a person to widen. Undefined where they are too many or too deep to be written out.
 */
export function pinnedCondition(args: JsonObject): string | undefined {
  const parts: string[] = [];
  if (!pin("arguments", args, parts, 0)) return undefined;
  const condition = parts.join(" && ");
  return condition.length <= MAX_LENGTH ? condition : undefined;
}

/** Without the sizes an argument could be added that nobody has seen, such as `force: true`. */
function pin(path: string, value: JsonValue, parts: string[], depth: number): boolean {
  if (depth > MAX_DEPTH || parts.length > 60) return false;
  if (typeof value !== "object" || value === null) {
    const literal = literalOf(value);
    if (literal === undefined) return false;
    parts.push(`${path} == ${literal}`);
    return true;
  }
  const members: [string, JsonValue][] = Array.isArray(value)
    ? value.map((each, index) => [`${path}[${index}]`, each])
    : Object.entries(value).map(([name, each]) => [memberOf(path, name), each]);
  for (const [place, each] of members) if (!pin(place, each, parts, depth + 1)) return false;
  parts.push(`size(${path}) == ${members.length}`);
  return true;
}

function memberOf(path: string, name: string): string {
  return /^[A-Za-z_][A-Za-z0-9_]*$/.test(name) && !RESERVED.has(name)
    ? `${path}.${name}`
    : `${path}[${JSON.stringify(name)}]`;
}

function literalOf(value: string | number | boolean | null): string | undefined {
  if (typeof value === "string" && !value.isWellFormed()) return undefined;
  // Beyond what CEL has as whole numbers, a number is written with its exponent.
  if (typeof value === "number" && Number.isInteger(value) && !Number.isSafeInteger(value))
    return value.toExponential();
  return JSON.stringify(value);
}

/** CEL's own words, which are no names of members. */
const RESERVED = new Set(
  "true false null in as break const continue else for function if import let loop package namespace return var void while".split(
    " ",
  ),
);
