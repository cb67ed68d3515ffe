import {
  canonicalJson,
  formatPath,
  isJsonObject,
  type JsonObject,
  type JsonValue,
} from "@holdpoint/protocol";
import type { Style } from "../terminal/style.ts";
import { printable } from "../terminal/printable.ts";
import { renderFact } from "./facts.ts";

export interface Change {
  /** `count`, `address.street`. */
  path: string;
  /** Undefined: it was not there. */
  before: JsonValue | undefined;
  /** Undefined: it is gone. */
  after: JsonValue | undefined;
}

/** What differs between two sets of arguments, at the deepest place that says it; lists count as one value. */
export function findChanges(before: JsonObject, after: JsonObject): Change[] {
  return compare(before, after, []);
}

/** `count  50 -> 10`, a line for each change. */
export function renderDifference(before: JsonObject, after: JsonObject, style: Style): string[] {
  const changes = findChanges(before, after);
  const width = Math.min(24, Math.max(0, ...changes.map((change) => printable(change.path).length)));
  return changes.map(
    (change) =>
      `${printable(change.path).padEnd(width)}  ${style.dim(renderFact(change.before))} -> ${style.bold(renderFact(change.after))}`,
  );
}

function compare(before: JsonObject, after: JsonObject, path: readonly string[]): Change[] {
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  return names.flatMap((name) => {
    const [old, now] = [member(before, name), member(after, name)];
    if (isJsonObject(old) && isJsonObject(now)) return compare(old, now, [...path, name]);
    if (old !== undefined && now !== undefined && canonicalJson(old) === canonicalJson(now)) return [];
    return [{ path: formatPath([...path, name]), before: old, after: now }];
  });
}

function member(object: JsonObject, name: string): JsonValue | undefined {
  return Object.hasOwn(object, name) ? object[name] : undefined;
}
