import { canonicalJson, type JsonObject } from "@holdpoint/protocol";
import type { FieldError } from "./hold-command.ts";

export interface Change {
  /** Merged over the arguments at the top level; null sets null. */
  modifications?: JsonObject | undefined;
  /** Replaces all arguments. */
  arguments?: JsonObject | undefined;
}

export type Modification = { arguments: JsonObject; isChanged: boolean } | { errors: FieldError[] };

/**
 * The arguments after a reviewer's change (R50). `isChanged` is false when they mean the same as before, whatever the
 * order of keys: that counts as an approval. Both kinds of change at once, or none, is an error.
 */
export function mergeModification(original: JsonObject, change: Change): Modification {
  const { modifications, arguments: replacement } = change;
  if (modifications !== undefined && replacement !== undefined) {
    return { errors: [{ path: "", message: "modifications and arguments exclude each other" }] };
  }
  const merged = replacement ?? (modifications === undefined ? undefined : { ...original, ...modifications });
  if (merged === undefined) {
    return { errors: [{ path: "", message: "modify needs modifications or arguments" }] };
  }
  return { arguments: merged, isChanged: !isSameJson(merged, original) };
}

/** Whether two values mean the same; the order of keys is no difference. */
export function isSameJson(left: JsonObject, right: JsonObject): boolean {
  return canonicalJson(left) === canonicalJson(right);
}
