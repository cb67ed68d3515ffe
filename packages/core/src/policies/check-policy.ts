import { policySchema, type Policy, type PolicyFinding } from "@holdpoint/protocol";
import { checkConditions } from "./check-conditions.ts";
import { checkGates } from "./check-gates.ts";
import { checkNames } from "./check-names.ts";
import { checkReach } from "./check-reach.ts";
import { checkTimes } from "./check-times.ts";
import type { ToolFacts } from "./compile-policy.ts";
import { describeMisfit } from "./policy-misfit.ts";
import { withoutMisfits } from "./without-misfits.ts";

/** What is known where the policy will be in force. */
export interface CheckOptions {
  tools: readonly ToolFacts[];
  /** Ids of the agents that are defined. */
  agents: readonly string[];
  /** Ids and mail addresses of the organisation's members; absent where they are not known, as before the first start. */
  members?: readonly string[] | undefined;
  /** The four design questions want explicit answers, and short times are errors. */
  isStrict?: boolean | undefined;
}

/** One aspect of a policy that is checked. */
export type PolicyCheck = (policy: Policy, options: CheckOptions) => PolicyFinding[];

const CHECKS: readonly PolicyCheck[] = [checkNames, checkConditions, checkReach, checkGates, checkTimes];

/**
 * Everything that is wrong with a policy, errors first, each with its place and what to do. Never throws. A policy with
 * errors must not come into force; without errors it can be compiled and evaluated.
 */
export function checkPolicy(document: unknown, options: CheckOptions): PolicyFinding[] {
  const parsed = policySchema.safeParse(document);
  if (parsed.success) return errorsFirst(meaningOf(parsed.data, options));
  const misfits = parsed.error.issues.map((issue) => describeMisfit(issue, document));
  const rest = withoutMisfits(document, parsed.error.issues);
  if (rest === undefined) return misfits;
  return errorsFirst([
    ...misfits,
    ...meaningOf(rest.policy, options).filter(({ path }) => !rest.isLeftOut(path)),
  ]);
}

function meaningOf(policy: Policy, options: CheckOptions): PolicyFinding[] {
  return CHECKS.flatMap((check) => check(policy, options));
}

function errorsFirst(findings: readonly PolicyFinding[]): PolicyFinding[] {
  return [
    ...findings.filter(({ severity }) => severity === "error"),
    ...findings.filter(({ severity }) => severity === "warning"),
  ];
}
