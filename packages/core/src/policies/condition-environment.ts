import type { JsonObject, JsonValue } from "@holdpoint/protocol";
import { Environment } from "@marcbachmann/cel-js";
import { LINEAR_MATCHES } from "./condition-limits.ts";
import type { LinearPattern } from "./linear-pattern.ts";

const LIMITS = {
  maxAstNodes: 400,
  maxDepth: 24,
  maxListElements: 300,
  maxMapEntries: 50,
  maxCallArguments: 4,
};

/** A type of the library's: the name of one, or the members of an object. */
export type DeclaredType = string | { [name: string]: DeclaredType };

/** How the variables look to the type checker; at run time all of them are plain maps. */
const DECLARED = {
  action: {
    name: "string",
    reversibility: "string",
    impact: "string",
    value: "double",
    handles: "list<string>",
    counterparty: "string",
  },
  agent: { id: "string" },
  endUser: { id: "string" },
  run: { id: "string", step: "int", sessionId: "dyn" },
} as const;

/** Every name that a condition may use. */
export const VARIABLES: readonly string[] = [
  ...Object.keys(DECLARED),
  "arguments",
  "value",
  "confidence",
  "firstTime",
  "now",
];

/** Where conditions run: types of members are found at run time, since a caller's arguments may have no schema. */
export function runEnvironment(patterns: ReadonlyMap<string, LinearPattern>): Environment {
  const environment = scalarEnvironment(patterns);
  for (const name of [...Object.keys(DECLARED), "arguments"])
    environment.registerVariable(name, "map<string, dyn>");
  return environment;
}

/** Where conditions are checked when they are loaded; `schema` is the JSON schema of the arguments, if it is known. */
export function checkEnvironment(schema?: JsonObject): Environment {
  const environment = scalarEnvironment(new Map());
  for (const [name, members] of Object.entries(DECLARED))
    environment.registerVariable({ name, schema: members });
  const type = schema === undefined ? "map<string, dyn>" : typeOf(schema);
  if (typeof type === "string") environment.registerVariable("arguments", "map<string, dyn>");
  else environment.registerVariable({ name: "arguments", schema: type });
  return environment;
}

function scalarEnvironment(patterns: ReadonlyMap<string, LinearPattern>): Environment {
  const environment = new Environment({ limits: LIMITS, homogeneousAggregateLiterals: false })
    .registerVariable("value", "double")
    .registerVariable("confidence", "double")
    .registerVariable("firstTime", "bool")
    .registerVariable("now", "google.protobuf.Timestamp")
    .registerFunction(`string.${LINEAR_MATCHES}(string): bool`, (text: string, pattern: string) => {
      const automaton = patterns.get(pattern);
      if (automaton === undefined)
        throw new Error(`The pattern ${JSON.stringify(pattern)} was not compiled.`);
      return automaton.test(text);
    });
  return mixNumbers(environment);
}

/** JSON knows one kind of number, so 100 and 100.0 must be the same here; the standard has only comparisons for it. */
function mixNumbers(environment: Environment): Environment {
  environment.registerOperator("double == int", (left: number, right: bigint) => left === Number(right));
  for (const [left, right] of [
    ["double", "int"],
    ["int", "double"],
  ]) {
    environment
      .registerOperator(`${left} + ${right}`, (a, b) => Number(a) + Number(b))
      .registerOperator(`${left} - ${right}`, (a, b) => Number(a) - Number(b))
      .registerOperator(`${left} * ${right}`, (a, b) => Number(a) * Number(b))
      .registerOperator(`${left} / ${right}`, (a, b) => Number(a) / Number(b));
  }
  return environment;
}

/** The type of values that a JSON schema lets in; `dyn` where it may be several, or one that this does not know. */
export function typeOf(schema: JsonValue | undefined, depth = 0): DeclaredType {
  if (typeof schema !== "object" || schema === null || Array.isArray(schema) || depth > 6) return "dyn";
  switch (schema["type"]) {
    case "string":
      return "string";
    case "boolean":
      return "bool";
    case "integer":
      return "int";
    case "number":
      return "double";
    case "array": {
      const member = typeOf(schema["items"], depth + 1);
      return typeof member === "string" && !member.includes("<") ? `list<${member}>` : "list<dyn>";
    }
    case "object":
      return membersOf(schema, depth);
    default:
      return "dyn";
  }
}

/** Members by name where a schema says that there are no others; else any name is taken. */
function membersOf(schema: JsonObject, depth: number): DeclaredType {
  const { properties, additionalProperties } = schema;
  if (typeof properties !== "object" || properties === null || Array.isArray(properties))
    return "map<string, dyn>";
  if (additionalProperties !== undefined && additionalProperties !== false) return "map<string, dyn>";
  const names = Object.entries(properties);
  if (names.length === 0) return "map<string, dyn>";
  return Object.fromEntries(names.map(([name, member]) => [name, typeOf(member, depth + 1)]));
}
