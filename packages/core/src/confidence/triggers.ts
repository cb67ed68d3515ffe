/** Something that a person looks at whenever a result speaks of it, however sure the agent is (R75). */
export type EntityTrigger =
  | { name: string; pattern: RegExp }
  | { name: string; find: (result: string) => unknown };

/** A number in or about the result from which on a person looks at it (R75). */
export interface ValueTrigger {
  of: (result: string) => unknown;
  threshold: number;
  comparator: "gte" | "gt";
}

export interface Triggers {
  entities: readonly EntityTrigger[];
  value: ValueTrigger | undefined;
}

/**
 * Why the result goes to a person besides its confidence; empty where nothing speaks for it. Total: a function that
 * throws, or answers what it may not, triggers (I10).
 */
export function triggeredBy(triggers: Triggers, result: string): string[] {
  const reasons = triggers.entities.flatMap((entity) => {
    const found = findEntity(entity, result);
    return found === undefined ? [] : [found];
  });
  const value = triggers.value === undefined ? undefined : compareValue(triggers.value, result);
  return value === undefined ? reasons : [...reasons, value];
}

function findEntity(entity: EntityTrigger, result: string): string | undefined {
  const { name } = entity;
  // search() minds neither `lastIndex` nor the flag g, so a pattern that is used twice finds the same twice.
  if ("pattern" in entity) return result.search(entity.pattern) === -1 ? undefined : contains(name);
  try {
    const found = entity.find(result);
    if (typeof found === "boolean") return found ? contains(name) : undefined;
    return `Whether the result contains ${name} is not known: its function answered neither true nor false`;
  } catch (error) {
    return `Whether the result contains ${name} is not known: ${messageOf(error)}`;
  }
}

function contains(name: string): string {
  return `The result contains ${name}`;
}

/** No value (undefined or null) triggers nothing. */
function compareValue({ of, threshold, comparator }: ValueTrigger, result: string): string | undefined {
  let value: unknown;
  try {
    value = of(result);
  } catch (error) {
    return `The value of the result is not known: ${messageOf(error)}`;
  }
  if (value === undefined || value === null) return undefined;
  if (typeof value !== "number" || Number.isNaN(value))
    return "The value of the result is not known: its function answered no number";
  if (comparator === "gte") return value >= threshold ? `Value ${value} reaches ${threshold}` : undefined;
  return value > threshold ? `Value ${value} exceeds ${threshold}` : undefined;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
