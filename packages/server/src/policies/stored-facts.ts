import type { PolicyFacts } from "@holdpoint/core";
import type { JsonObject } from "@holdpoint/protocol";

/**
 * What is kept of the facts beside the action itself, which hold and event keep once: name and arguments. `problem` is
 * what of the config file failed then.
 */
export function storedFacts({ action, ...facts }: PolicyFacts, problem?: string): JsonObject {
  const { name: _name, arguments: _arguments, ...declared } = action;
  // What is undefined is left out, so that the stored value is what was asked about and nothing else.
  return JSON.parse(JSON.stringify({ ...facts, action: declared, problem })) as JsonObject;
}

/** The facts of a recorded action, to be asked about again at `now`. */
export function recalledFacts(
  stored: JsonObject,
  action: { name: string; arguments: JsonObject },
  now?: string,
): PolicyFacts {
  const { problem: _problem, ...kept } = stored;
  const { action: declared, ...facts } = kept as unknown as PolicyFacts;
  return { ...facts, action: { ...declared, ...action }, ...(now !== undefined && { now }) };
}

/** What failed when it was proposed has not come right by itself. */
export function recalledProblem(stored: JsonObject | null): string | undefined {
  const problem = stored?.["problem"];
  return typeof problem === "string" ? problem : undefined;
}
