import {
  routeInWords,
  type explainInputSchema,
  type Explanation,
  type policySchema,
} from "@holdpoint/protocol";
import type { z } from "zod";
import type { Principals } from "../identity/principal.ts";
import { ALL_PEOPLE, notAllowed, requireRight } from "../identity/principal.ts";
import { factsOfProposed, prepareAction, type ToolCatalogue } from "../holds/proposed-action.ts";
import { checkDocument, type PolicyCatalogue } from "./check-document.ts";
import { ruleOn, type PolicyDeps } from "./ruling.ts";
import type { PolicyInForce } from "./policy-store.ts";

export interface ExplainDeps extends PolicyDeps {
  principals: Principals;
  tools: ToolCatalogue;
  catalogue: PolicyCatalogue;
}

/** What the policy, or a draft of one, would do with an action. Reads, and writes nothing. */
export async function explain(
  deps: ExplainDeps,
  credentialHash: string,
  input: z.output<typeof explainInputSchema>,
): Promise<Explanation> {
  const principal = await deps.principals.get(credentialHash);
  requireRight(principal, { scopes: ["holds:create", "holds:read"], roles: ALL_PEOPLE });
  const { orgId } = principal;
  if (principal.agentId !== undefined && input.agentId !== undefined && input.agentId !== principal.agentId)
    throw notAllowed(`a key of agent ${input.agentId}`);
  const agentId = principal.agentId ?? input.agentId;
  const body = {
    action: { ...input.action, confidence: input.action.confidence ?? input.confidence },
    endUserId: input.endUserId,
    sessionId: input.sessionId,
  };
  const action = prepareAction(deps, { action: body.action, orgId, agentId });
  const proposed = factsOfProposed(deps, action, body, agentId);
  const facts = {
    ...proposed.facts,
    ...(input.at !== undefined && { now: input.at }),
    ...(input.firstTime !== undefined && { isFirstTime: input.firstTime }),
  };
  const policy = input.policy === undefined ? await deps.policies.get(orgId) : draftOf(deps, input.policy);
  const { evaluation } = await ruleOn(deps, policy, { ...proposed, orgId, facts });
  return {
    held: evaluation.held,
    tier: evaluation.tier,
    level: evaluation.level,
    rule: evaluation.rule,
    reasons: evaluation.reasons,
    route: evaluation.route,
    routeInWords: routeInWords(evaluation.route),
    quorum: evaluation.quorum,
    separation: evaluation.separation,
    strength: evaluation.strength,
    channels: evaluation.channels,
    reversibility: evaluation.reversibility,
    impact: evaluation.impact,
    value: evaluation.value,
    respondWithinSeconds: evaluation.respondSeconds,
    timeoutSeconds: evaluation.timeoutSeconds,
    onTimeout: evaluation.onTimeout,
    mayGrant: evaluation.mayGrant,
    policyVersion: input.policy === undefined ? policy.version : null,
    findings: input.policy === undefined ? [] : checkDocument(input.policy, deps.catalogue).findings,
  };
}

function draftOf(
  { policies }: Pick<PolicyDeps, "policies">,
  draft: z.output<typeof policySchema>,
): PolicyInForce {
  const compiled = policies.compileDraft(draft);
  const none = { problem: undefined, shadow: undefined, switches: [] };
  return { version: 0, revision: 0, document: {}, ...compiled, ...none };
}
