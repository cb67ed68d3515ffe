import { toldInvalidArguments, toldUnknownTool } from "@holdpoint/core";
import {
  actionHash,
  evidenceSchema,
  type Evidence,
  type JsonObject,
  type JsonValue,
} from "@holdpoint/protocol";
import { resolveConfirmation } from "../agents/confirmation.ts";
import type { DefinedAgent } from "../agents/agent.ts";
import type { ModelCall } from "../agents/models/stream-turn.ts";
import { storableJson, storableText } from "../agents/models/storable-text.ts";
import type { CallContext } from "../agents/tool-context.ts";
import type { DefinedTool } from "../agents/tool.ts";
import { newHoldRow } from "../holds/new-hold.ts";
import type { PolicyInForce } from "../policies/policy-store.ts";
import { ruleOn, type PolicyDeps, type Ruling } from "../policies/ruling.ts";
import { actionFactsOf } from "../policies/tool-facts.ts";
import type { NewRunHold } from "./commit.ts";
import type { RunRow } from "./run-row.ts";

/** A call that the model made, after the look that nothing gets past (R234, defects 4 and 15). */
export type ProposedCall =
  /** No such tool, or arguments that do not fit: nobody is asked, the model is told why. */
  | { type: "refused"; name: string; arguments: JsonValue; told: string; reason: string }
  | { type: "action"; tool: DefinedTool; arguments: JsonObject };

/** Parses what the model said, once: the value that comes out is stored, shown, hashed and executed. */
export function proposeCall(agent: DefinedAgent, call: ModelCall): ProposedCall {
  const name = storableText(call.name).slice(0, 200);
  const tool = agent.tools.find((candidate) => candidate.name === call.name);
  if (tool === undefined) {
    const told = toldUnknownTool(
      name,
      agent.tools.map((known) => known.name),
    );
    return { type: "refused", name, arguments: storable(call.input), told, reason: "unknown_tool" };
  }
  if (call.problem !== undefined) {
    const told = toldInvalidArguments(name, [{ path: "", message: "they are no JSON" }]);
    return { type: "refused", name, arguments: storable(call.input), told, reason: "invalid_arguments" };
  }
  const parsed = tool.parseArguments(call.input);
  if (parsed.ok) return { type: "action", tool, arguments: parsed.value };
  const told = toldInvalidArguments(name, parsed.errors);
  return { type: "refused", name, arguments: storable(call.input), told, reason: "invalid_arguments" };
}

/** Refused arguments are kept for whoever looks into it, as far as the database takes them. */
function storable(input: unknown): JsonValue {
  return storableJson(JSON.parse(JSON.stringify(input ?? null)) as JsonValue);
}

export interface CallToEvaluate {
  tool: DefinedTool;
  arguments: JsonObject;
  context: CallContext;
  /** The model's turn that the call is of. */
  step: number;
  /** Standing permissions that the database has refused for this call. */
  withoutGrants?: ReadonlySet<string> | undefined;
  /** The agents for which its agent works, where it was called by one. */
  callers?: readonly string[] | null | undefined;
}

/** The policy's word on an action of a run. A confirmation or value that cannot be resolved holds the action (I10). */
export async function evaluateCall(
  deps: PolicyDeps,
  policy: PolicyInForce,
  { tool, arguments: args, context, step, withoutGrants, callers }: CallToEvaluate,
): Promise<Ruling> {
  const { confirmation, problem } = await resolveConfirmation(tool.confirmation, args, context);
  const declared = actionFactsOf(tool, args, confirmation);
  const found = problem ?? declared.problem;
  if (found !== undefined)
    context.logger.error({ tool: tool.name }, `${tool.name} is held because its ${found}.`);
  return ruleOn(deps, policy, {
    orgId: context.orgId,
    facts: {
      action: declared.action,
      agentId: context.agentId,
      ...(context.endUser !== null && { endUserId: context.endUser.id }),
      run: { id: context.runId, step, sessionId: context.sessionId },
      now: deps.policies.now(),
      ...(tool.asked !== undefined && { asked: tool.asked }),
    },
    withoutGrants,
    callers: callers ?? undefined,
    problem: found === undefined ? undefined : `${tool.name} is held because its ${found}.`,
  });
}

export interface HoldForCall {
  holdId: string;
  run: RunRow;
  callId: string;
  tool: DefinedTool;
  arguments: JsonObject;
  ruling: Ruling;
  context: CallContext;
}

/** The hash that stands for a call's action: what is approved is what executes (I1, I8). */
export function hashOfCall(run: RunRow, callId: string, tool: DefinedTool, args: JsonObject): string {
  return actionHash({
    orgId: run.org_id,
    tool: tool.name,
    toolHash: tool.toolHash,
    arguments: args,
    agentId: run.agent_id,
    runId: run.id,
    toolCallId: callId,
  });
}

/** The hold that a gated call waits for, with what helps to judge it. */
export async function holdForCall(options: HoldForCall): Promise<NewRunHold> {
  const { run, callId, tool, ruling, context } = options;
  const { evaluation } = ruling;
  const row = newHoldRow({
    id: options.holdId,
    kind: "approval",
    evaluation,
    policyVersion: ruling.policyVersion,
    facts: ruling.facts,
    title: wordsOf(context, () => tool.titleOf(options.arguments), 300),
    summary: wordsOf(context, () => tool.describe(options.arguments), 4_000),
    evidence: await evidenceOf(tool, options.arguments, context),
    action: {
      name: tool.name,
      arguments: options.arguments,
      hash: hashOfCall(run, callId, tool, options.arguments),
      toolHash: tool.toolHash,
      schema: tool.argumentsSchema,
    },
    agentId: run.agent_id,
    runId: run.id,
    toolCallId: callId,
    sessionId: run.session_id ?? undefined,
    endUserId: run.end_user_id ?? undefined,
  });
  return {
    row,
    timeoutSeconds: evaluation.timeoutSeconds,
    respondSeconds: evaluation.respondSeconds,
    shadow: ruling.shadow,
  };
}

/** A title or description that fails costs its words, never the hold. */
function wordsOf(context: CallContext, make: () => unknown, maxLength: number): string | undefined {
  try {
    const words = make();
    return typeof words === "string" && words !== "" ? storableText(words.slice(0, maxLength)) : undefined;
  } catch (error) {
    context.logger.error({ err: error }, "The title or description of a tool's call failed.");
    return undefined;
  }
}

const MAX_EVIDENCE = 20;

async function evidenceOf(
  tool: DefinedTool,
  args: JsonObject,
  context: CallContext,
): Promise<Evidence[] | undefined> {
  if (tool.evidence === undefined) return undefined;
  try {
    return evidenceSchema
      .array()
      .max(MAX_EVIDENCE)
      .parse(await tool.evidence(args, context));
  } catch (error) {
    context.logger.error({ err: error, tool: tool.name }, `The evidence of ${tool.name} could not be made.`);
    // Said to the reviewer: missing evidence must not look like nothing to see.
    return [
      {
        type: "text",
        title: "No evidence",
        text: `The evidence could not be made: ${storableText(messageOf(error).slice(0, 1_000))}`,
      },
    ];
  }
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
