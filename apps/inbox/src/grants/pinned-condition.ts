import type { JsonObject, JsonValue } from "@holdpoint/protocol";

/** A condition over the arguments to begin with: that each of them is as it is. For people to loosen. */
export function conditionOf(values: JsonObject): string {
  const parts = Object.entries(values).flatMap(([name, value]) => {
    const literal = literalOf(value);
    return literal === undefined ? [] : [`${memberOf(name)} == ${literal}`];
  });
  return parts.length === 0 ? "true" : parts.join(" && ");
}

function memberOf(name: string): string {
  return /^[A-Za-z_]\w*$/.test(name) ? `arguments.${name}` : `arguments[${JSON.stringify(name)}]`;
}

/** Of lists and objects there is nothing to loosen by hand. */
function literalOf(value: JsonValue): string | undefined {
  if (value === null || typeof value === "boolean") return String(value);
  if (typeof value === "number") return JSON.stringify(value);
  return typeof value === "string" ? JSON.stringify(value) : undefined;
}
