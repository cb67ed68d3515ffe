import type { ASTNode } from "@marcbachmann/cel-js";
import { LINEAR_MATCHES } from "./condition-limits.ts";

const MAX_LENGTH = 200;

const COMPARISONS: Readonly<Record<string, string>> = {
  ">=": "is at least",
  ">": "is more than",
  "<=": "is at most",
  "<": "is less than",
  "==": "is",
  "!=": "is not",
  in: "is in",
};
const TURNED: Readonly<Record<string, string>> = {
  ">=": "<=",
  ">": "<",
  "<=": ">=",
  "<": ">",
  "==": "==",
  "!=": "!=",
};
const METHODS: Readonly<Record<string, string>> = {
  contains: "contains",
  startsWith: "begins with",
  endsWith: "ends with",
  [LINEAR_MATCHES]: "matches",
};

/**
 * What made a condition true, in words and with the numbers: `value 240 is at least 100`. Text of the arguments is
 * never repeated, since a reason is kept where arguments may be erased.
 */
export function reasonOf(
  root: ASTNode,
  source: string,
  variables: Readonly<Record<string, unknown>>,
): string {
  const parts = conjuncts(root).map((part) => describe(part, variables));
  const known = parts.filter((part) => part !== undefined);
  const text = known.length === parts.length && known.length > 0 ? known.join(" and ") : undefined;
  return cut(text ?? `the condition ${source.replace(/\s+/g, " ").trim()} is true`);
}

function conjuncts(node: ASTNode): ASTNode[] {
  return node.op === "&&" ? node.args.flatMap(conjuncts) : [node];
}

function describe(node: ASTNode, variables: Readonly<Record<string, unknown>>): string | undefined {
  if (node.op === "id") return node.args === "firstTime" ? "it is the first time" : `${node.args} is true`;
  if (node.op === ".") return withPath(node, (path) => `${path} is true`);
  if (node.op === "!_") return withPath(node.args, (path) => `${path} is false`);
  if (node.op === "call" && node.args[0] === "has") {
    const [subject] = node.args[1];
    return subject === undefined ? undefined : withPath(subject, (path) => `${path} is given`);
  }
  if (node.op === "rcall") {
    const [name, receiver, [argument]] = node.args;
    const words = METHODS[name];
    const text = argument === undefined ? undefined : literalOf(argument);
    if (words === undefined || text === undefined) return undefined;
    return withPath(receiver, (path) => `${path} ${words} ${text}`);
  }
  return describeComparison(node, variables);
}

function describeComparison(node: ASTNode, variables: Readonly<Record<string, unknown>>): string | undefined {
  if (COMPARISONS[node.op] === undefined) return undefined;
  const [left, right] = node.args as [ASTNode, ASTNode];
  const isTurned = literalOf(left) !== undefined;
  const [subject, other, op] = isTurned ? [right, left, TURNED[node.op]] : [left, right, node.op];
  if (op === undefined) return undefined;
  const bound = literalOf(other) ?? withPath(other, (path) => `${path}${numberAt(other, variables)}`);
  if (bound === undefined) return undefined;
  const number = op === "==" && literalOf(other) !== undefined ? "" : numberAt(subject, variables);
  return withPath(subject, (path) => `${path}${number} ${COMPARISONS[op]} ${bound}`);
}

function withPath(node: ASTNode, render: (path: string) => string): string | undefined {
  const path = pathOf(node);
  return path === undefined ? undefined : render(path.join("."));
}

function pathOf(node: ASTNode): string[] | undefined {
  if (node.op === "id") return [node.args];
  if (node.op === ".") {
    const path = pathOf(node.args[0]);
    return path === undefined ? undefined : [...path, node.args[1]];
  }
  if (node.op === "call" && node.args[0] === "dyn") {
    const [inner] = node.args[1];
    return inner === undefined ? undefined : pathOf(inner);
  }
  if (node.op === "[]" && node.args[1].op === "value" && typeof node.args[1].args === "string") {
    const path = pathOf(node.args[0]);
    return path === undefined ? undefined : [...path, node.args[1].args];
  }
  return undefined;
}

/** ` 240`, or nothing where it is no number. */
function numberAt(node: ASTNode, variables: Readonly<Record<string, unknown>>): string {
  let value: unknown = variables;
  for (const name of pathOf(node) ?? []) {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, name)) return "";
    value = (value as Record<string, unknown>)[name];
  }
  return typeof value === "number" || typeof value === "bigint" ? ` ${value}` : "";
}

function literalOf(node: ASTNode): string | undefined {
  if (node.op === "-_") {
    const text = literalOf(node.args);
    return text === undefined ? undefined : `-${text}`;
  }
  if (node.op === "list") {
    const members = node.args.map(literalOf);
    return members.every((text) => text !== undefined) ? `[${members.join(", ")}]` : undefined;
  }
  if (node.op !== "value") return undefined;
  return typeof node.args === "string" ? JSON.stringify(node.args) : String(node.args);
}

function cut(text: string): string {
  const characters = Array.from(text);
  return characters.length <= MAX_LENGTH ? text : `${characters.slice(0, MAX_LENGTH - 1).join("")}…`;
}
