import { parse, type ASTNode } from "@marcbachmann/cel-js";
import { compilePattern, type LinearPattern } from "./linear-pattern.ts";
import { PatternError } from "./pattern-syntax.ts";

/** What a condition mentions, found while it is checked that it stays within bounds. */
export interface ConditionShape {
  /** The variables that it reads, such as `firstTime`. */
  variables: ReadonlySet<string>;
  /** The patterns of its `matches`, by their source. */
  patterns: ReadonlyMap<string, LinearPattern>;
  /** Its time may grow with the square of what it looks at, so that is bounded more tightly. */
  isQuadratic: boolean;
}

/** A condition that is refused; the message says what to write instead. */
export class ConditionError extends Error {
  readonly code: "condition" | "condition_type" | "pattern";

  constructor(code: ConditionError["code"], message: string) {
    super(message);
    this.code = code;
  }
}

/** The name by which `matches` reaches our own automaton: the library's own is the engine's RegExp. */
export const LINEAR_MATCHES = "holdpointMatches";

const FUNCTIONS = new Set(["has", "size", "int", "double", "string", "timestamp", "duration"]);
const METHODS = new Set(
  (
    "contains startsWith endsWith matches lowerAscii upperAscii trim size getDate getDayOfMonth getDayOfWeek " +
    "getDayOfYear getFullYear getHours getMilliseconds getMinutes getMonth getSeconds"
  ).split(" "),
);
/** These look at each member of a list. `map` is left out: nothing here needs a new list, and lists of lists explode. */
const LOOPS = new Set(["all", "exists", "exists_one", "filter"]);
/** Variables of a bounded size. */
const SMALL = new Set(["value", "confidence", "firstTime", "now", "agent", "endUser", "run"]);
const MAX_LOOP_DEPTH = 3;

/**
 * Walks a parsed condition, refuses what is not on the list above (what takes unbounded time or memory), and turns
 * `matches` to our own automaton. Throws `ConditionError`.
 */
export function shapeOf(root: ASTNode): ConditionShape {
  const variables = new Set<string>();
  const patterns = new Map<string, LinearPattern>();
  let isQuadratic = false;
  walk(root, []);
  return { variables, patterns, isQuadratic };

  function walk(node: ASTNode, loops: readonly string[]): void {
    switch (node.op) {
      case "value":
        return;
      case "id":
        if (loops.includes(node.args)) return;
        variables.add(node.args);
        if (loops.length > 0 && !SMALL.has(node.args)) isQuadratic = true;
        return;
      case ".":
        return walk(node.args[0], loops);
      case ".?":
      case "[?]":
        throw new ConditionError("condition", "Optional access is not offered; write has(...) instead.");
      case "call":
        if (!FUNCTIONS.has(node.args[0])) throw unknownFunction(node.args[0]);
        return node.args[1].forEach((argument) => walk(argument, loops));
      case "rcall":
        return walkMethod(node, loops);
      case "map":
        return node.args.forEach((entry) => entry.forEach((part) => walk(part, loops)));
      case "in":
        node.args.forEach((part) => walk(part, loops));
        node.args[0] = ofAnyType(node.args[0]);
        return;
      case "!_":
      case "-_":
        return walk(node.args, loops);
      default:
        return node.args.forEach((part) => walk(part, loops));
    }
  }

  function walkMethod(node: ASTNode & { op: "rcall" }, loops: readonly string[]): void {
    const [name, receiver, given] = node.args;
    walk(receiver, loops);
    if (LOOPS.has(name)) {
      const [variable, body] = given;
      if (variable?.op !== "id" || body === undefined || given.length !== 2)
        throw new ConditionError(
          "condition",
          `What ${name} takes is a name and a condition, as in ${name}(x, x > 1).`,
        );
      if (loops.length === MAX_LOOP_DEPTH)
        throw new ConditionError(
          "condition",
          `Conditions look into lists ${MAX_LOOP_DEPTH} levels deep at most.`,
        );
      if (loops.length > 0 && !loops.includes(rootOf(receiver)))
        throw new ConditionError(
          "condition",
          `An inner ${name} must look into a member of the outer one's list.`,
        );
      return walk(body, [...loops, variable.args]);
    }
    if (!METHODS.has(name)) throw unknownFunction(name);
    if (name === "matches") turnToAutomaton(node);
    if (name.startsWith("get")) checkTimeZone(given);
    for (const argument of given) walk(argument, loops);
  }

  function turnToAutomaton(node: ASTNode & { op: "rcall" }): void {
    const [pattern] = node.args[2];
    if (pattern?.op !== "value" || typeof pattern.args !== "string")
      throw new ConditionError(
        "pattern",
        "The pattern of matches is written as text in quotes, so that it can be checked.",
      );
    try {
      patterns.set(pattern.args, compilePattern(pattern.args));
    } catch (error) {
      if (error instanceof PatternError)
        throw new ConditionError("pattern", `The pattern ${JSON.stringify(pattern.args)} ${error.message}.`);
      throw error;
    }
    node.args[0] = LINEAR_MATCHES;
  }
}

/** `value in [1, 100]` is ill-typed by the standard, where a double is no member of a list of whole numbers. */
function ofAnyType(node: ASTNode): ASTNode {
  const wrapper = parse("dyn(x)").ast;
  if (wrapper.op === "call") wrapper.args[1][0] = node;
  return wrapper;
}

/** The variable that an access such as `x.lines[0]` begins with. */
function rootOf(node: ASTNode): string {
  if (node.op === "id") return node.args;
  return node.op === "." || node.op === "[]" ? rootOf(node.args[0]) : "";
}

function checkTimeZone([zone]: readonly ASTNode[]): void {
  if (zone === undefined) return;
  if (zone.op !== "value" || typeof zone.args !== "string")
    throw new ConditionError(
      "condition",
      'A time zone is written as text in quotes, such as "Europe/Berlin".',
    );
  try {
    new Intl.DateTimeFormat("en", { timeZone: zone.args }).resolvedOptions();
  } catch {
    throw new ConditionError(
      "condition",
      `There is no time zone ${JSON.stringify(zone.args)}; one is Europe/Berlin.`,
    );
  }
}

function unknownFunction(name: string): ConditionError {
  return new ConditionError(
    "condition",
    `There is no function ${name} here. Functions are ${[...FUNCTIONS, ...METHODS, ...LOOPS].join(", ")}.`,
  );
}
