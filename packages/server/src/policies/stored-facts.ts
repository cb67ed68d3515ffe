import type { PolicyFacts } from "@holdpoint/core";
import type { JsonObject } from "@holdpoint/protocol";

/** What is kept of the facts beside the action itself, which hold and event keep once: name and arguments. */
export function storedFacts({ action, ...facts }: PolicyFacts): JsonObject {
  const { name: _name, arguments: _arguments, ...declared } = action;
  // What is undefined is left out, so that the stored value is what was asked about and nothing else.
  return JSON.parse(JSON.stringify({ ...facts, action: declared })) as JsonObject;
}

/** The facts of a recorded action, to be asked about again at `now`. */
export function recalledFacts(
  stored: JsonObject,
  action: { name: string; arguments: JsonObject },
  now?: string,
): PolicyFacts {
  const { action: declared, ...facts } = stored as unknown as PolicyFacts;
  return { ...facts, action: { ...declared, ...action }, ...(now !== undefined && { now }) };
}
