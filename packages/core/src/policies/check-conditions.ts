import type { Policy, PolicyFinding } from "@holdpoint/protocol";
import type { CheckOptions } from "./check-policy.ts";
import { checkConditionTypes, conditionCompiler } from "./condition.ts";
import { ConditionError } from "./condition-limits.ts";
import { compilePattern } from "./linear-pattern.ts";
import { PatternError } from "./pattern-syntax.ts";
import { placeOf } from "./policy-misfit.ts";

/** Conditions that cannot be read, are ill-typed against the tools that their rules name, or might take long. */
export function checkConditions(policy: Policy, { tools }: CheckOptions): PolicyFinding[] {
  const compile = conditionCompiler();
  const schemas = new Map(tools.map(({ name, argumentsSchema }) => [name, argumentsSchema]));
  const findings: PolicyFinding[] = [];
  policy.rules.forEach(({ when, tools: named = [] }, index) => {
    if (when === undefined) return;
    const path = placeOf("rules", index, "when");
    const isRight = attempt(() => compile(when), path, findings);
    if (!isRight) return;
    for (const name of named) {
      const schema = schemas.get(name);
      if (schema !== undefined) attempt(() => checkConditionTypes(when, schema), path, findings, name);
    }
  });
  policy.detectors.personalData?.values?.forEach((source, index) =>
    attempt(() => compilePattern(source), placeOf("detectors", "personalData", "values", index), findings),
  );
  return findings;
}

const REMEDIES = {
  condition: "Correct the expression; examples are value >= 100 and arguments.count > 50.",
  condition_type: "Compare with a value of the same type, and name members as the tool's input does.",
  pattern: "Write a pattern without references back and lookaround, with small repetitions.",
} as const;

function attempt(work: () => unknown, path: string, findings: PolicyFinding[], tool?: string): boolean {
  try {
    work();
    return true;
  } catch (error) {
    const code = error instanceof ConditionError ? error.code : "pattern";
    if (!(error instanceof ConditionError || error instanceof PatternError)) throw error;
    const message = error instanceof PatternError ? `The pattern ${error.message}.` : error.message;
    const text = tool === undefined ? message : `For ${tool}: ${message}`;
    findings.push({ severity: "error", code, path, message: text, remedy: REMEDIES[code] });
    return false;
  }
}
