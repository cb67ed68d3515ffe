import {
  didYouMean,
  leavesOf,
  type Effect,
  type Policy,
  type PolicyFinding,
  type Route,
} from "@holdpoint/protocol";
import type { CheckOptions } from "./check-policy.ts";
import { findDefaultAction } from "./gate-level.ts";
import { placeOf } from "./policy-misfit.ts";
import { mostPeopleOf } from "./route-people.ts";

/** Names that nobody has: tools, agents, groups, rotations, people, and rules that share one. */
export function checkNames(policy: Policy, options: CheckOptions): PolicyFinding[] {
  return [
    ...checkRuleNames(policy, options),
    ...effectsOf(policy).flatMap(({ effect, path }) => checkRoute(policy, options, effect, path)),
    ...checkPeople(policy, options),
  ];
}

/** Every place where an effect stands: rules and tiers. */
export function effectsOf(policy: Policy): { effect: Effect; path: string; tier: string | undefined }[] {
  return [
    ...policy.rules.map(({ effect }, index) => ({
      effect,
      path: placeOf("rules", index, "effect"),
      tier: effect.tier,
    })),
    ...Object.entries(policy.tiers).flatMap(([tier, effect]) =>
      effect === undefined ? [] : [{ effect, path: placeOf("tiers", tier), tier }],
    ),
  ];
}

function checkRuleNames(policy: Policy, { tools, agents, isStrict }: CheckOptions): PolicyFinding[] {
  const toolNames = tools.map(({ name }) => name);
  const known = new Set(toolNames);
  const unknownNames = new Set<string>();
  const seen = new Map<string, number>();
  return policy.rules.flatMap((rule, index) => {
    const findings: PolicyFinding[] = [];
    const first = seen.get(rule.id);
    if (first === undefined) seen.set(rule.id, index);
    else {
      findings.push({
        severity: "error",
        code: "duplicate_rule",
        path: placeOf("rules", index, "id"),
        message: `Rule ${rule.id} has the id of rules[${first}].`,
        remedy: "Give it an id of its own: reasons and figures name rules by it.",
      });
    }
    rule.tools?.forEach((name, place) => {
      if (known.has(name) || unknownNames.size > MAX_UNKNOWN_TOOLS) return;
      unknownNames.add(name);
      if (isKnownElsewhere(name, toolNames)) return;
      const path = placeOf("rules", index, "tools", place);
      findings.push(
        unknownNames.size > MAX_UNKNOWN_TOOLS
          ? tooManyUnknown(path)
          : unknown("tool", name, toolNames, path, isStrict),
      );
    });
    rule.agents?.forEach((name, place) => {
      if (!agents.includes(name))
        findings.push(unknown("agent", name, agents, placeOf("rules", index, "agents", place), isStrict));
    });
    return findings;
  });
}

/** More are not looked at: each is compared with every tool that there is. */
const MAX_UNKNOWN_TOOLS = 100;

function tooManyUnknown(path: string): PolicyFinding {
  return {
    severity: "error",
    code: "unknown_tool",
    path,
    message: `More than ${MAX_UNKNOWN_TOOLS} tools are unknown; from here on they are not looked at.`,
    remedy: "Correct those that are named first, or check the policy where its tools are defined.",
  };
}

/** In the default map, and no misspelling of a tool that is defined. */
function isKnownElsewhere(name: string, toolNames: readonly string[]): boolean {
  return findDefaultAction(name) !== undefined && didYouMean(name, toolNames) === "";
}

function checkRoute(
  policy: Policy,
  options: CheckOptions,
  { route, quorum }: Effect,
  path: string,
): PolicyFinding[] {
  const findings: PolicyFinding[] = [];
  if (route !== undefined) {
    for (const leaf of leavesOf(route)) {
      if ("group" in leaf && !Object.hasOwn(policy.groups, leaf.group))
        findings.push(unknown("group", leaf.group, Object.keys(policy.groups), `${path}.route`));
      if ("rotation" in leaf && !Object.hasOwn(policy.rotations, leaf.rotation))
        findings.push(unknown("rotation", leaf.rotation, Object.keys(policy.rotations), `${path}.route`));
      if ("user" in leaf && !isMember(leaf.user, options))
        findings.push(unknown("member", leaf.user, options.members ?? [], `${path}.route`));
    }
    findings.push(...checkQuorum(policy, route, quorum?.required ?? 1, path));
  }
  return findings;
}

function checkQuorum(policy: Policy, route: Route, required: number, path: string): PolicyFinding[] {
  const most = mostPeopleOf(route, policy);
  const needed = Math.max(required, partsOf(route));
  if (most >= needed) return [];
  return [
    {
      severity: "error",
      code: "quorum_too_large",
      path: `${path}.${required > 1 ? "quorum" : "route"}`,
      message: `The route lets in ${most === 0 ? "nobody" : `at most ${most}`}, and ${needed} different people must say yes.`,
      remedy: "Ask for fewer people, or let more of them in.",
    },
  ];
}

/** How many different people a route by itself wants at least. */
function partsOf(route: Route): number {
  if ("allOf" in route) return route.allOf.reduce((sum, part) => sum + partsOf(part), 0);
  if ("anyOf" in route) return Math.min(...route.anyOf.map(partsOf));
  return "to" in route ? partsOf(route.to) : 1;
}

function checkPeople(policy: Policy, options: CheckOptions): PolicyFinding[] {
  const missing = (person: string, path: string): PolicyFinding[] =>
    isMember(person, options) ? [] : [unknown("member", person, options.members ?? [], path)];
  return [
    ...Object.entries(policy.groups).flatMap(([name, people]) =>
      people.flatMap((person, index) => missing(person, placeOf("groups", name, index))),
    ),
    ...Object.entries(policy.rotations).flatMap(([name, { people, overrides }]) => [
      ...people.flatMap((person, index) => missing(person, placeOf("rotations", name, "people", index))),
      ...overrides.flatMap(({ person }, index) =>
        missing(person, placeOf("rotations", name, "overrides", index, "person")),
      ),
    ]),
  ];
}

function isMember(person: string, { members }: CheckOptions): boolean {
  return members === undefined || members.some((member) => member.toLowerCase() === person.toLowerCase());
}

/**
 * Agents elsewhere may propose tools that are not defined here, so a name that resembles none is a warning; one that
 * does is a misspelling, and a rule that never applies would let the action through. A member may have left since: that
 * must not keep the service from starting.
 */
function unknown(
  what: "tool" | "agent" | "group" | "rotation" | "member",
  name: string,
  known: readonly string[],
  path: string,
  isStrict = false,
): PolicyFinding {
  const guess = didYouMean(name, known);
  const mayBeElsewhere = what === "member" || ((what === "tool" || what === "agent") && guess === "");
  const listed = known.slice(0, 10).join(", ");
  return {
    severity: mayBeElsewhere && !isStrict ? "warning" : "error",
    code: `unknown_${what}`,
    path,
    message: `There is no ${what} ${JSON.stringify(name)}.${guess}`,
    remedy:
      listed === "" ? `Define the ${what}, or take it out.` : `Name one that there is, such as ${listed}.`,
  };
}
