import { policySchema, type Policy } from "@holdpoint/protocol";
import { placeOf } from "./policy-misfit.ts";

/** What Zod has against a document, as far as it is looked at. */
interface Issue {
  code?: string | undefined;
  path: readonly PropertyKey[];
  keys?: readonly string[] | undefined;
}

export interface RestOfPolicy {
  policy: Policy;
  /** Whether a place is that of a rule that was left out, or the whole: what is found there is nobody's mistake. */
  isLeftOut(path: string): boolean;
}

/** Never decides, and keeps the places of the rules after it. */
const PLACEHOLDER = { when: "false", effect: {} };

/**
 * The document without its rules and members of the wrong form, so that one slip does not hide every other mistake.
 * Undefined where what is left has no meaning of its own: other sections name what a group or a rotation was to say.
 */
export function withoutMisfits(document: unknown, issues: readonly Issue[]): RestOfPolicy | undefined {
  if (typeof document !== "object" || document === null) return undefined;
  const rest: Record<string, unknown> = { ...document };
  const rules = Array.isArray(rest["rules"]) ? [...rest["rules"]] : [];
  const leftOut = new Set<string>();
  for (const { code, path, keys = [] } of issues) {
    const [section, index] = path;
    if (section === "rules" && typeof index === "number") {
      rules[index] = { id: `misfit_${index}`, ...PLACEHOLDER };
      leftOut.add(placeOf("rules", index));
    } else if (section === undefined && code === "unrecognized_keys")
      for (const key of keys) delete rest[key];
    else return undefined;
  }
  if (leftOut.size > 0) rest["rules"] = rules;
  const parsed = policySchema.safeParse(rest);
  if (!parsed.success) return undefined;
  return {
    policy: parsed.data,
    // What is said of the policy as a whole cannot be known of a part.
    isLeftOut: (path) => path === "" || leftOut.has(/^rules\[\d+\]/.exec(path)?.[0] ?? ""),
  };
}
