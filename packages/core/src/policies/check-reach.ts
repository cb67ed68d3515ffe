import type { Policy, PolicyFinding, Rule } from "@holdpoint/protocol";
import { placeOf } from "./policy-misfit.ts";

/** Rules that never decide, since one before them takes everything that they could. */
export function checkReach(policy: Policy): PolicyFinding[] {
  return policy.rules.flatMap((rule, index) => {
    const before = policy.rules.slice(0, index).findIndex((earlier) => takesAll(earlier, rule));
    if (before < 0) return [];
    const taker = policy.rules[before] as Rule;
    return [
      {
        severity: "error",
        code: "unreachable_rule",
        path: placeOf("rules", index),
        message: `Rule ${rule.id} never decides: rule ${taker.id} (rules[${before}]) takes everything that it matches.`,
        remedy: `Move it before ${taker.id}, or take one of the two out.`,
      },
    ];
  });
}

function takesAll(earlier: Rule, later: Rule): boolean {
  return (
    isBroader(earlier.tools, later.tools) &&
    isBroader(earlier.agents, later.agents) &&
    (earlier.preset === undefined || earlier.preset === later.preset) &&
    (earlier.when === undefined || (later.when !== undefined && words(earlier.when) === words(later.when)))
  );
}

function isBroader(earlier: readonly string[] | undefined, later: readonly string[] | undefined): boolean {
  if (earlier === undefined) return true;
  return later !== undefined && later.every((name) => earlier.includes(name));
}

/** Conditions that differ in their spaces only are one. Spaces in quotes are left alone by leaving such texts as they are. */
function words(condition: string): string {
  return /["']/.test(condition) ? condition.trim() : condition.replaceAll(/\s+/g, "");
}
