import type { JsonObject, JsonValue } from "@holdpoint/protocol";
import type { Classification } from "./classify.ts";
import type { PolicyFacts } from "./evaluation.ts";

/** What an answer that cannot be parsed counts as, and a confidence that nobody estimated (R72). */
export const UNKNOWN_CONFIDENCE = 0.5;

/** The variables of a condition, as the CEL library wants them, and how much there is to look at. */
export interface ConditionFacts {
  variables: Readonly<Record<string, unknown>>;
  /** Members and characters of the arguments. */
  size: number;
}

/** `schema` says which whole numbers are of type `number`, so that dividing one does not drop its fraction. */
export function conditionFacts(
  facts: PolicyFacts,
  found: Pick<Classification, "reversibility" | "impact">,
  schema: JsonObject | undefined,
): ConditionFacts {
  const { action, run } = facts;
  const now = new Date(facts.now);
  const value = action.value ?? 0;
  const confidence = facts.confidence ?? UNKNOWN_CONFIDENCE;
  // What is no number compares as false with everything, and would let the action slip past a threshold.
  if (Number.isNaN(value) || Number.isNaN(confidence) || Number.isNaN(now.getTime()))
    throw new TypeError("value, confidence or the time is not a number");
  const measured = { size: 0 };
  return {
    variables: {
      action: withoutAbsent({
        name: action.name,
        reversibility: found.reversibility,
        impact: found.impact,
        value: action.value,
        handles: [...(action.handles ?? [])],
        counterparty: action.counterparty,
      }),
      arguments: toCel(action.arguments, schema, measured, 0),
      agent: withoutAbsent({ id: facts.agentId }),
      endUser: withoutAbsent({ id: facts.endUserId }),
      run: run === undefined ? {} : { id: run.id, step: BigInt(run.step), sessionId: run.sessionId },
      value,
      confidence,
      firstTime: facts.isFirstTime ?? true,
      now,
    },
    size: measured.size,
  };
}

const MAX_DEPTH = 100;

/** JSON as CEL has it: whole numbers as int, unless the schema says `number`. */
function toCel(value: JsonValue, schema: unknown, measured: { size: number }, depth: number): unknown {
  if (depth > MAX_DEPTH) throw new TypeError(`the arguments are nested more than ${MAX_DEPTH} levels deep`);
  measured.size += typeof value === "string" ? value.length + 1 : 1;
  if (typeof value === "number") {
    return Number.isSafeInteger(value) && member(schema, "type") !== "number" ? BigInt(value) : value;
  }
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) {
    const items = member(schema, "items");
    return value.map((each) => toCel(each, items, measured, depth + 1));
  }
  const properties = member(schema, "properties");
  const result: Record<string, unknown> = {};
  for (const name of Object.keys(value)) {
    if (name === "__proto__") continue; // refused at every door; here it would change the object
    measured.size += name.length;
    result[name] = toCel(value[name] as JsonValue, member(properties, name), measured, depth + 1);
  }
  return result;
}

function member(schema: unknown, name: string): unknown {
  if (typeof schema !== "object" || schema === null || !Object.hasOwn(schema, name)) return undefined;
  return (schema as Record<string, unknown>)[name];
}

function withoutAbsent(members: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined));
}
