import { checkPolicy, type ToolFacts } from "@holdpoint/core";
import { policySchema, type JsonObject, type Policy, type PolicyFinding } from "@holdpoint/protocol";
import { ProblemError } from "../problem.ts";

/** What a policy may name. */
export interface PolicyCatalogue {
  tools: readonly ToolFacts[];
  agents: readonly string[];
  /** Ids and mail addresses of the people; absent: not looked at. */
  members?: readonly string[] | undefined;
  isStrict: boolean;
}

export interface CheckedDocument {
  /** Undefined where the document does not fit its schema. */
  policy: Policy | undefined;
  findings: PolicyFinding[];
}

/** Everything that is to be said about a document, errors first. */
export function checkDocument(document: unknown, catalogue: PolicyCatalogue): CheckedDocument {
  const findings = checkPolicy(document, catalogue);
  return { policy: policySchema.safeParse(document).data, findings: findings.slice(0, MAX_FINDINGS) };
}

const MAX_FINDINGS = 200;

export function hasErrors(findings: readonly PolicyFinding[]): boolean {
  return findings.some(({ severity }) => severity === "error");
}

/** Throws what keeps a document from being taken, each mistake with its place and what to do. */
export function requireUsable(document: JsonObject, catalogue: PolicyCatalogue): Policy {
  const { policy, findings } = checkDocument(document, catalogue);
  const errors = findings.filter(({ severity }) => severity === "error");
  if (policy !== undefined && errors.length === 0) return policy;
  throw new ProblemError(
    "invalid_request",
    `The policy has ${errors.length === 1 ? "a mistake" : `${errors.length} mistakes`}: ${renderFinding(errors[0])} Nothing was changed.`,
    {
      errors: errors.slice(0, 50).map(({ path, message, remedy }) => ({
        path: path === "" ? "document" : `document.${path}`,
        message: `${message} ${remedy}`,
      })),
      findings,
    },
  );
}

/** One line: place, what is wrong, what to do. */
export function renderFinding(finding: PolicyFinding | undefined): string {
  if (finding === undefined) return "";
  const { path, message, remedy } = finding;
  return `${path === "" ? "" : `${path}: `}${message} ${remedy}`;
}
