import type { Confirmation } from "@holdpoint/core";
import { actionHash, type CreateHold, type JsonObject, type JsonValue } from "@holdpoint/protocol";
import { ProblemError } from "../problem.ts";
import { askedOf, checkAsked } from "../policies/asked.ts";
import type { PolicyInForce } from "../policies/policy-store.ts";
import { ruleOn, type PolicyDeps, type Ruling, type RulingSubject } from "../policies/ruling.ts";
import { actionFactsOf, type DeclaredTool } from "../policies/tool-facts.ts";
import { missing } from "./question-of-hold.ts";
import type { Misfit } from "./schema-check.ts";

/** What this operation needs to know of the tools of the config file. */
export interface ToolCatalogue {
  findTool(name: string): CataloguedTool | undefined;
}

export interface CataloguedTool extends DeclaredTool {
  readonly inputSchema: JsonObject;
  readonly toolHash: string;
  readonly confirmation:
    | { type: "absent" }
    | { type: "fixed"; confirmation: Confirmation }
    | { type: "function" };
  /** The parsed value with its defaults, or every misfit. */
  parseArguments(value: JsonValue): { ok: true; value: JsonObject } | { ok: false; errors: Misfit[] };
}

/** What the config file says of a tool is not for its caller to soften; of any other action the caller says it all. */
export function factsOfProposed(
  deps: Pick<PolicyDeps, "policies">,
  { name, arguments: args, tool }: PreparedAction,
  body: Pick<Partial<CreateHold>, "action" | "endUserId" | "runId" | "sessionId" | "onTimeout">,
  agentId: string | undefined,
): Omit<RulingSubject, "orgId"> {
  const { endUserId, runId, sessionId } = body;
  const about = {
    agentId,
    endUserId,
    ...(runId !== undefined && { run: { id: runId, step: 0, sessionId: sessionId ?? null } }),
    confidence: body.action?.confidence,
    now: deps.policies.now(),
  };
  if (tool === undefined) {
    // Its time and its silence are wishes of the caller's, no declaration: what a rule decides they loosen nowhere.
    const { reversibility, impact, value } = body.action ?? {};
    const action = { name, arguments: args, reversibility, impact, value };
    return { facts: { ...about, action } };
  }
  // Whom an escalation lets in is the policy's to say: it stays a wish, and is looked at as one.
  const onTimeout = (body.onTimeout === "escalate" ? undefined : body.onTimeout) ?? tool.onTimeout;
  if (onTimeout === "approve" && tool.onTimeout !== "approve") {
    throw new ProblemError(
      "invalid_request",
      `onTimeout "approve" is not for the caller to ask for: ${tool.name} is declared with onTimeout "${tool.onTimeout ?? "reject"}".`,
      { errors: [{ path: "onTimeout", message: "releases what the tool's declaration does not" }] },
    );
  }
  const declared = actionFactsOf(tool, args, confirmationOf(tool));
  const action = {
    ...declared.action,
    value: declared.action.value ?? (isValueCompared(tool) ? undefined : body.action?.value),
    timeoutSeconds: tool.timeoutSeconds,
    onTimeout,
  };
  return {
    facts: { ...about, action },
    ...(declared.problem !== undefined && {
      problem: `${tool.name} is held because its ${declared.problem}.`,
    }),
  };
}

/** Asked twice where the caller wants something: first without it, to see that it loosens nothing. */
export async function ruleOnProposed(
  deps: PolicyDeps,
  policy: PolicyInForce,
  subject: RulingSubject,
  body: Pick<CreateHold, "tier" | "route" | "timeoutSeconds" | "onTimeout">,
): Promise<Ruling> {
  const ruling = await ruleOn(deps, policy, subject);
  const asked = askedOf(body);
  if (asked === undefined) return ruling;
  checkAsked(ruling.evaluation, asked);
  // A caller that shortens the time of what silence releases would release it sooner.
  const wanted = ruling.evaluation.onTimeout === "approve" ? { ...asked, timeoutSeconds: undefined } : asked;
  const isFirstTime = ruling.facts["isFirstTime"] as boolean | undefined;
  return ruleOn(deps, policy, { ...subject, facts: { ...subject.facts, isFirstTime, asked: wanted } });
}

/** Then a value that cannot be had is no smaller one that the caller names. */
function isValueCompared({ confirmation }: CataloguedTool): boolean {
  return (
    confirmation.type === "fixed" &&
    typeof confirmation.confirmation === "object" &&
    "threshold" in confirmation.confirmation
  );
}

export interface PreparedAction {
  name: string;
  arguments: JsonObject;
  hash: string;
  toolHash: string | null;
  schema: JsonObject | null;
  tool: CataloguedTool | undefined;
}

/** Arguments are checked before anybody is asked (R234); what is hashed is the parsed value with its defaults. */
export function prepareAction(
  { tools }: { tools: ToolCatalogue },
  proposed: {
    action: CreateHold["action"];
    orgId: string;
    agentId: string | undefined;
    runId?: string | undefined;
  },
): PreparedAction {
  if (proposed.action === undefined) {
    throw missing("action", "An approval needs the action that it is about: {name, arguments}.");
  }
  const { name } = proposed.action;
  const tool = tools.findTool(name);
  let parsed = proposed.action.arguments;
  if (tool !== undefined) {
    const result = tool.parseArguments(parsed);
    if (!result.ok) throw invalidArguments(name, result.errors);
    parsed = result.value;
  }
  const toolHash = tool?.toolHash ?? null;
  const hash = actionHash({
    orgId: proposed.orgId,
    tool: name,
    toolHash,
    arguments: parsed,
    agentId: proposed.agentId ?? null,
    runId: proposed.runId ?? null,
    toolCallId: null,
  });
  return { name, arguments: parsed, hash, toolHash, schema: tool?.inputSchema ?? null, tool };
}

/** A function of the config file wants a run's context, which is not there: such a call is held (I10). */
function confirmationOf(tool: CataloguedTool): Confirmation | undefined {
  if (tool.confirmation.type === "absent") return undefined;
  return tool.confirmation.type === "fixed" ? tool.confirmation.confirmation : true;
}

export function invalidArguments(
  name: string,
  misfits: readonly Misfit[],
  consequence = "Nobody was asked.",
): ProblemError {
  const first = misfits[0];
  return new ProblemError(
    "invalid_arguments",
    `The arguments of ${name} do not fit its schema: ${first?.path ?? ""} ${first?.message ?? ""}. ${consequence}`,
    {
      errors: misfits.map(({ path, message }) => ({
        path: path === "" ? "arguments" : `arguments.${path}`,
        message,
      })),
    },
  );
}
