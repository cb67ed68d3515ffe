import { didYouMean, type JsonObject } from "@holdpoint/protocol";
import type { Environment, ParseResult } from "@marcbachmann/cel-js";
import { checkEnvironment, runEnvironment, VARIABLES } from "./condition-environment.ts";
import type { ConditionFacts } from "./condition-facts.ts";
import { ConditionError, shapeOf } from "./condition-limits.ts";
import { reasonOf } from "./condition-reason.ts";
import type { LinearPattern } from "./linear-pattern.ts";

/** What a condition may look at when its time grows with the square of that. */
export const MAX_QUADRATIC_SIZE = 3_000;
/** What a condition may look at when it matches patterns, each of which takes many steps a character. */
export const MAX_MATCHED_SIZE = 50_000;
const MAX_LENGTH = 2_000;

/** A condition of a rule or a grant that is known to be in bounds. */
export interface Condition {
  readonly source: string;
  /** Names of the variables that it reads. */
  readonly variables: ReadonlySet<string>;
  /** Whether it holds. Throws where that cannot be said: a missing member, a wrong type, too much to look at. */
  test(facts: ConditionFacts): boolean;
  /** Why it holds, in words, for facts for which it does. */
  reason(facts: ConditionFacts): string;
}

/**
 * Gives a function that compiles CEL conditions; making the environment is what takes time. It throws
 * `ConditionError` for what cannot be parsed, names an unknown variable or function, can be no true or false, or
 * might take long. What a tool's arguments are is not looked at: see `checkConditionTypes`.
 */
export function conditionCompiler(): (source: string) => Condition {
  const patterns = new Map<string, LinearPattern>();
  const untyped = checkEnvironment();
  const environment = runEnvironment(patterns);
  return (source) => {
    if (source.length > MAX_LENGTH)
      throw new ConditionError("condition", `A condition has at most ${MAX_LENGTH} characters.`);
    const run = parseIn(environment, source);
    const shape = shapeOf(run.ast);
    for (const [text, pattern] of shape.patterns) patterns.set(text, pattern);
    checkVariables(shape.variables);
    checkTypes(untyped, source, undefined);
    return {
      source,
      variables: shape.variables,
      test(facts) {
        const most = shape.isQuadratic
          ? MAX_QUADRATIC_SIZE
          : shape.patterns.size > 0
            ? MAX_MATCHED_SIZE
            : Infinity;
        if (facts.size > most)
          throw new RangeError(`the arguments have more than ${most} members and characters`);
        const answer: unknown = run(facts.variables);
        if (typeof answer !== "boolean") throw new TypeError("it gives neither true nor false");
        return answer;
      },
      reason: (facts) => reasonOf(run.ast, source, facts.variables),
    };
  };
}

const typedEnvironments = new WeakMap<JsonObject, Environment>();

/** Checks a condition's types against the JSON schema of a tool's arguments. Throws `ConditionError`. */
export function checkConditionTypes(source: string, argumentsSchema: JsonObject): void {
  let environment = typedEnvironments.get(argumentsSchema);
  if (environment === undefined) {
    environment = checkEnvironment(argumentsSchema);
    typedEnvironments.set(argumentsSchema, environment);
  }
  checkTypes(environment, source, argumentsSchema);
}

function checkTypes(environment: Environment, source: string, schema: JsonObject | undefined): void {
  const parsed = parseIn(environment, source);
  shapeOf(parsed.ast);
  const { valid, type, error } = parsed.check();
  if (valid && (type === "bool" || type === "dyn")) return;
  if (valid) throw new ConditionError("condition_type", `It gives ${type}, not true or false.`);
  const message = summaryOf(error);
  const missing = /^No such key: (.+)$/.exec(message)?.[1];
  const properties = schema?.["properties"];
  const names = typeof properties === "object" && properties !== null ? Object.keys(properties) : [];
  throw new ConditionError(
    "condition_type",
    missing === undefined ? `${message}.` : `There is no member ${missing}.${didYouMean(missing, names)}`,
  );
}

function parseIn(environment: Environment, source: string): ParseResult {
  try {
    return environment.parse(source);
  } catch (error) {
    throw new ConditionError("condition", `It cannot be read: ${summaryOf(error)}.`);
  }
}

function checkVariables(variables: ReadonlySet<string>): void {
  const unknown = [...variables].find((name) => !VARIABLES.includes(name));
  if (unknown === undefined) return;
  throw new ConditionError(
    "condition",
    `There is no variable ${unknown}.${didYouMean(unknown, VARIABLES)} Variables are ${VARIABLES.join(", ")}.`,
  );
}

function summaryOf(error: unknown): string {
  if (error instanceof Error && "summary" in error && typeof error.summary === "string") return error.summary;
  return error instanceof Error ? (error.message.split("\n")[0] ?? "") : String(error);
}
