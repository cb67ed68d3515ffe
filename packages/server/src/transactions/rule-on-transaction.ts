import {
  classify,
  compilePreset,
  PRESET_EFFECTS,
  type CompiledPreset,
  type PolicyFacts,
} from "@holdpoint/core";
import {
  isJsonObject,
  policySchema,
  TIERS,
  type CreateHold,
  type JsonObject,
  type Policy,
  type Preset,
  type Reason,
  type Tier,
} from "@holdpoint/protocol";
import { ruleOnProposed } from "../holds/proposed-action.ts";
import { askedAgain } from "../policies/asked-again.ts";
import type { PolicyInForce } from "../policies/policy-store.ts";
import type { PolicyDeps, Ruling } from "../policies/ruling.ts";
import { TRANSACTION_ACTION, type DefinedService } from "./service.ts";

/** Who asks, and who carries it out. */
export interface TransactionParties {
  orgId: string;
  agentId: string | undefined;
  /** Undefined where an approval is for something that is carried out elsewhere. */
  service: DefinedService | undefined;
}

/** Asks the policy about a payload of a service: one that needs nobody's approval proceeds. */
export async function ruleOnTransaction(
  deps: PolicyDeps,
  policy: PolicyInForce,
  parties: TransactionParties & { service: DefinedService },
  payload: JsonObject,
  withoutGrants: ReadonlySet<string>,
): Promise<Ruling> {
  const about = await factsOf(deps, policy, parties, argumentsOf(parties.service, payload), payload);
  const { approval } = parties.service;
  if (approval !== undefined)
    about.facts.action.requiresConfirmation = approval === "always" || about.matched.length > 0;
  const { facts, problem, tier } = about;
  const subject = { orgId: parties.orgId, facts, problem, withoutGrants };
  return withReasons(await ruleOnProposed(deps, policy, subject, { tier }), about.matched);
}

/**
 * Asks the policy about an approval that is asked for in so many words: a person decides, whatever would proceed. Where its
 * details name a service, as that service's payloads are ruled on, so that what is approved is enough for them.
 */
export async function ruleOnApproval(
  deps: PolicyDeps,
  policy: PolicyInForce,
  parties: TransactionParties,
  details: JsonObject,
  timeoutSeconds: number,
): Promise<Ruling> {
  const about = await factsOf(deps, policy, parties, details, payloadIn(details, parties.service));
  about.facts.action.requiresConfirmation = true;
  const { facts, problem, tier } = about;
  const asked: Pick<CreateHold, "tier" | "timeoutSeconds"> = { tier, timeoutSeconds };
  const ruling = await ruleOnProposed(deps, policy, { orgId: parties.orgId, facts, problem }, asked);
  if (ruling.evaluation.held) return withReasons(ruling, about.matched);
  const held = askedAgain(ruling, ALWAYS_HELD, "An approval was asked for, which a person gives.");
  return { ...held, evaluation: { ...held.evaluation, timeoutSeconds, respondSeconds: timeoutSeconds } };
}

const ALWAYS_HELD = { tier: "sync_gate", level: "mandatory_review", route: { role: "reviewer" } } as const;

/** What is executed, as it is shown, hashed and recorded. */
export function argumentsOf(service: DefinedService, payload: JsonObject): JsonObject {
  return { service_id: service.id, payload };
}

/** The payload that an approval's details speak of: theirs, or what they say besides the service. */
function payloadIn(details: JsonObject, service: DefinedService | undefined): JsonObject {
  const { service_id: _service, payload, ...rest } = details;
  const given = isJsonObject(payload) ? payload : rest;
  const parsed = service?.parsePayload(given);
  return parsed?.ok === true ? parsed.value : given;
}

interface AskedAbout {
  facts: PolicyFacts;
  problem: string | undefined;
  matched: { rule: Preset; text: string }[];
  tier: Tier | undefined;
}

async function factsOf(
  deps: PolicyDeps,
  policy: PolicyInForce,
  { orgId, agentId, service }: TransactionParties,
  args: JsonObject,
  payload: JsonObject,
): Promise<AskedAbout> {
  let problem: string | undefined;
  let value: number | undefined;
  try {
    value = service?.valueOf(payload);
  } catch (error) {
    problem = `The value of a payload of ${service?.id} cannot be had: ${error instanceof Error ? error.message : String(error)}`;
    value = Number.NaN;
  }
  const facts: PolicyFacts = {
    agentId,
    now: deps.policies.now(),
    action: {
      name: TRANSACTION_ACTION,
      arguments: args,
      reversibility: service?.reversibility,
      impact: service?.impact,
      handles: service?.handles,
      counterparty: service?.id,
      value,
    },
  };
  const presets = presetsOf(service, policy);
  if (service !== undefined && presets.some(([, { needsFirstTime }]) => needsFirstTime))
    facts.isFirstTime = await isFirstTime(deps, orgId, service.id);
  const found = classify(facts.action);
  const matched = presets.flatMap(([name, preset]) => {
    const text = preset.match(facts, found);
    return text === undefined ? [] : [{ rule: name, text: `Service ${service?.id}: ${text}.` }];
  });
  // What is no number is high for a preset, and no value to store.
  if (Number.isNaN(value)) facts.action.value = undefined;
  const tiers = matched.map(({ rule }) => PRESET_EFFECTS[rule].tier);
  return { facts, problem, matched, tier: TIERS.findLast((name) => tiers.some((tier) => tier === name)) };
}

const compiled = new WeakMap<DefinedService, Map<Policy["detectors"], [Preset, CompiledPreset][]>>();
const NO_DETECTORS = policySchema.parse({}).detectors;

/** Compiled once a service and policy: what the policy counts as personal counts here too. */
function presetsOf(
  service: DefinedService | undefined,
  { settings }: PolicyInForce,
): readonly [Preset, CompiledPreset][] {
  if (service?.approval === undefined || service.approval === "always") return [];
  const detectors = settings.detectors ?? NO_DETECTORS;
  const known = compiled.get(service)?.get(detectors);
  if (known !== undefined) return known;
  const presets = service.approval.map((name): [Preset, CompiledPreset] => [
    name,
    compilePreset(name, detectors),
  ]);
  // Of the policy in force alone.
  compiled.set(service, new Map([[detectors, presets]]));
  return presets;
}

/** Who cannot be looked up is new. */
async function isFirstTime(deps: PolicyDeps, orgId: string, serviceId: string): Promise<boolean> {
  try {
    return (await deps.counterparties?.isFirstTime(orgId, TRANSACTION_ACTION, serviceId)) ?? true;
  } catch (error) {
    deps.logger.error({ err: error }, `Whether ${serviceId} was used before is unknown.`);
    return true;
  }
}

/** What matched says more than that its tier was asked for. */
function withReasons(ruling: Ruling, matched: readonly Reason[]): Ruling {
  if (matched.length === 0) return ruling;
  const others = ruling.evaluation.reasons.filter(({ rule }) => rule !== "asked");
  return { ...ruling, evaluation: { ...ruling.evaluation, reasons: [...matched, ...others] } };
}
