import { canonicalJson, formatPath, isJsonObject, type JsonValue } from "@holdpoint/protocol";

export interface Change {
  /** `count`, `address.street`, `lines[2].price`. */
  path: string;
  /** Undefined: it was not there. */
  before: JsonValue | undefined;
  /** Undefined: it is gone. */
  after: JsonValue | undefined;
}

/** What differs between two values, each at the deepest place that says it; types count, so 50 is not "50". */
export function findChanges(before: JsonValue, after: JsonValue): Change[] {
  return compare(before, after, []);
}

function compare(
  before: JsonValue | undefined,
  after: JsonValue | undefined,
  path: readonly (string | number)[],
): Change[] {
  if (isJsonObject(before) && isJsonObject(after)) {
    const names = [...new Set([...Object.keys(before), ...Object.keys(after)])];
    return names.flatMap((name) => compare(member(before, name), member(after, name), [...path, name]));
  }
  if (Array.isArray(before) && Array.isArray(after)) {
    const length = Math.max(before.length, after.length);
    return Array.from({ length }, (_, index) =>
      compare(before[index], after[index], [...path, index]),
    ).flat();
  }
  if (before === after) return [];
  if (before !== undefined && after !== undefined && canonicalJson(before) === canonicalJson(after))
    return [];
  return [{ path: path.length === 0 ? "value" : formatPath(path), before, after }];
}

function member(object: Record<string, JsonValue>, name: string): JsonValue | undefined {
  return Object.hasOwn(object, name) ? object[name] : undefined;
}
