import type { Effect, Policy, PolicyFinding, Rule } from "@holdpoint/protocol";
import type { CheckOptions } from "./check-policy.ts";
import { classify } from "./classify.ts";
import { compilePolicy, type CompiledPolicy, type ToolFacts } from "./compile-policy.ts";
import { effectsOf } from "./check-names.ts";
import { placeOf } from "./policy-misfit.ts";
import { PRESET_EFFECTS, PRESETS_NOT_TO_GATE } from "./presets.ts";

/** Gates that contradict themselves, are too many, or are loosened where that is dangerous. */
export function checkGates(policy: Policy, options: CheckOptions): PolicyFinding[] {
  const compiled = compilePolicy(policy, options.tools);
  return [
    ...policy.rules.flatMap((rule, index) => checkRule(rule, placeOf("rules", index), options.tools)),
    ...effectsOf(policy).flatMap(({ effect, path }) => checkStrength(effect, path)),
    ...checkAllGated(policy, compiled, options),
    ...checkUndeclared(policy, compiled, options),
  ];
}

function checkRule(rule: Rule, path: string, tools: readonly ToolFacts[]): PolicyFinding[] {
  const findings: PolicyFinding[] = [];
  const { level, tier, grants, overridesDeclaration } = rule.effect;
  const place = `${path}.effect`;
  if (level !== undefined && tier !== undefined && (level === "auto_proceed") !== (tier === "automated")) {
    findings.push({
      severity: "error",
      code: "contradicting_gate",
      path: place,
      message: `Rule ${rule.id} says level ${level} and tier ${tier}: one lets it proceed, the other holds it.`,
      remedy: "Leave one of them out; the other gives it.",
    });
  }
  if (rule.preset !== undefined && PRESETS_NOT_TO_GATE.includes(rule.preset) && isGating(rule)) {
    findings.push({
      severity: "warning",
      code: "gated_needlessly",
      path: place,
      message: `Rule ${rule.id} holds ${rule.preset.replaceAll("_", " ")}, which people need not see.`,
      remedy: "Let it proceed, and have a sample of it reviewed with `sample`.",
    });
  }
  const touched = tools.filter(({ name }) => rule.tools?.includes(name) ?? true).filter(isIrreversible);
  const names = touched.map(({ name }) => name);
  if (names.length === 0) return findings;
  if (isLoosening(rule)) {
    findings.push({
      severity: "warning",
      code: "loosened_irreversible",
      path: place,
      message: `Rule ${rule.id} lets ${listed(names)} proceed without a person, and that cannot be taken back.`,
      remedy: "Narrow the rule with `tools` or `when`, or hold it.",
    });
  }
  if (grants === "allowed") {
    findings.push({
      severity: "warning",
      code: "granted_irreversible",
      path: `${place}.grants`,
      message: `Rule ${rule.id} lets a decision on ${listed(names)} stand for later ones, and that cannot be taken back.`,
      remedy: 'Leave `grants` out, or say "never".',
    });
  }
  if (overridesDeclaration === true && !isLoosening(rule) && rule.effect.route === undefined) {
    findings.push({
      severity: "warning",
      code: "idle_override",
      path: `${place}.overridesDeclaration`,
      message: `Rule ${rule.id} overrides the declaration, and loosens nothing.`,
      remedy: "Take overridesDeclaration out.",
    });
  }
  return findings;
}

function isGating(rule: Rule): boolean {
  const { level, tier } = gateOf(rule);
  return (level !== undefined && level !== "auto_proceed") || (tier !== undefined && tier !== "automated");
}

function isLoosening(rule: Rule): boolean {
  // public_query and low_value_routine never match what is irreversible.
  if (rule.preset !== undefined && PRESETS_NOT_TO_GATE.includes(rule.preset)) return false;
  const { level, tier } = gateOf(rule);
  return (level === "auto_proceed" || tier === "automated") && !isGating(rule);
}

/** Level and tier of the rule, or of its preset where it names neither. */
function gateOf({ effect, preset }: Rule): Effect {
  const isNamed = effect.level !== undefined || effect.tier !== undefined;
  return isNamed || preset === undefined ? effect : PRESET_EFFECTS[preset];
}

/** Declared so, or by the default map, or not declared at all. */
export function isIrreversible({ name, reversibility }: ToolFacts): boolean {
  return classify({ name, arguments: {}, reversibility }).reversibility === "irreversible";
}

function checkStrength({ strength }: Effect, path: string): PolicyFinding[] {
  if (strength !== "L3") return [];
  return [
    {
      severity: "error",
      code: "unsupported_strength",
      path: `${path}.strength`,
      message:
        "Strength L3, a passkey's signature over the decision, is not offered yet: nobody could decide.",
      remedy: "Ask for L2: signed in within the last 5 minutes.",
    },
  ];
}

/** R95: who is asked about everything looks at nothing. */
function checkAllGated(policy: Policy, compiled: CompiledPolicy, { tools }: CheckOptions): PolicyFinding[] {
  const all = policy.rules.findIndex(
    (rule) =>
      rule.tools === undefined &&
      rule.agents === undefined &&
      rule.when === undefined &&
      rule.preset === undefined &&
      isGating(rule),
  );
  const isAll = all >= 0 && !policy.rules.slice(0, all).some((rule) => !isGating(rule));
  const isEach = tools.length > 2 && tools.every((tool) => compiled.evaluate(sampleOf(tool)).held);
  if (!isAll && !isEach) return [];
  return [
    {
      severity: "warning",
      code: "everything_gated",
      path: isAll ? placeOf("rules", all) : "",
      message: isAll
        ? `Rule ${policy.rules[all]?.id ?? ""} holds every action that no rule before it takes.`
        : `Every one of the ${tools.length} tools is held: who is asked about everything soon looks at nothing.`,
      remedy:
        "Let what can be taken back proceed, with a `sample` of it reviewed; hold what cannot, or is costly.",
    },
  ];
}

/** R55: what nobody declared counts as irreversible, which is safe and seldom meant. */
function checkUndeclared(policy: Policy, compiled: CompiledPolicy, { tools }: CheckOptions): PolicyFinding[] {
  return tools.flatMap((tool) => {
    const { reversibility, requiresConfirmation, name } = tool;
    if (!classify({ name, arguments: {}, reversibility }).isUndeclared || requiresConfirmation !== undefined)
      return [];
    const isDecided = policy.rules.some(
      (rule) => rule.tools?.includes(name) === true && rule.when === undefined && rule.preset === undefined,
    );
    if (isDecided && compiled.evaluate(sampleOf(tool)).rule !== null) return [];
    return [
      {
        severity: "warning" as const,
        code: "undeclared_tool",
        path: "",
        message: `Tool ${name} declares neither reversibility nor requiresConfirmation, so it counts as irreversible and is held.`,
        remedy: `Give ${name} a reversibility, or a rule of its own.`,
      },
    ];
  });
}

/** A call with nothing in it: what the policy does before it knows more. */
function sampleOf({ requiresConfirmation, ...tool }: ToolFacts): Parameters<CompiledPolicy["evaluate"]>[0] {
  return {
    action: {
      ...tool,
      arguments: {},
      requiresConfirmation: requiresConfirmation === "function" ? true : requiresConfirmation,
    },
    confidence: 1,
    isFirstTime: false,
    now: "2026-01-01T00:00:00.000Z",
  };
}

function listed(names: readonly string[]): string {
  return names.length <= 4
    ? names.join(", ")
    : `${names.slice(0, 3).join(", ")} and ${names.length - 3} more`;
}
