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
    (earlier.preset === undefined || earlier.preset === later.preset) &&
    (earlier.when === undefined || (later.when !== undefined && words(earlier.when) === words(later.when))) &&
    isBroader(earlier.agents, later.agents) &&
    isBroader(earlier.tools, later.tools)
  );
}

function isBroader(earlier: readonly string[] | undefined, later: readonly string[] | undefined): boolean {
  if (earlier === undefined) return true;
  if (later === undefined) return false;
  const names = new Set(earlier);
  return later.every((name) => names.has(name));
}

/** Conditions that differ in their spaces only are one. Spaces in quotes are left alone by leaving such texts as they are. */
function words(condition: string): string {
  return /["']/.test(condition) ? condition.trim() : condition.replaceAll(/\s+/g, "");
}
