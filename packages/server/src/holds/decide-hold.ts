import { effectiveStatus, mergeModification } from "@holdpoint/core";
import {
  actionHash,
  canonicalJson,
  createId,
  sha256Of,
  type DecisionInput,
  type Hold,
  type JsonObject,
  type JsonValue,
} from "@holdpoint/protocol";
import type { Database } from "../database/database.ts";
import { ProblemError } from "../problem.ts";
import { invalidArguments, type ToolCatalogue } from "./proposed-action.ts";
import { checkGivenAnswer } from "./check-given-answer.ts";
import { decideInTransaction, type CheckedDecision } from "./decide-in-transaction.ts";
import { renderHold, type HoldRow } from "./hold-row.ts";
import { holdState } from "./hold-state.ts";
import { refusal, type HoldAnswer } from "./refusal.ts";
import type { Misfit, SchemaCheck } from "./schema-check.ts";

export interface DecideHoldDeps {
  database: Database;
  tools: ToolCatalogue;
  schemas: SchemaCheck;
  published(orgId: string, hold: Hold): void;
}

export interface DecideHoldRequest {
  credentialHash: string;
  holdId: string;
  input: DecisionInput;
  via: string;
  idempotencyKey: string | undefined;
  /** A reply in the person's own words, where the decision came from one. */
  originalText?: string | undefined;
  /** Whom the caller names as the one who decided, where that is another than whose credential it is: never verified. */
  claimedBy?: string | undefined;
}

/**
 * A person decides. One round trip to approve, reject or skip; one more, a read, to modify or answer. Where more than one
 * role and one person is asked, that round trip says so and `decideInTransaction` takes four more.
 *
 * Afterwards the hold is terminal, the decision is durable and its run is due (I3, I4); or the decision is one vote of
 * several, and the hold stays pending. Throws the refusal otherwise.
 */
export async function decideHold(deps: DecideHoldDeps, request: DecideHoldRequest): Promise<Hold> {
  const checked = await checkDecision(deps, request);
  const { holdId, verdict } = checked;
  const answer = (await deps.database.callGrouped("decide_v1", commandOf(checked), holdId)) as DecideAnswer;
  if (answer.code === "composed") return decideInTransaction(deps, checked);
  const hold = decidedHold(answer, holdId, verdict);
  if (answer.code === "ok") deps.published(hold.orgId, hold);
  return hold;
}

/** What `decide_v1` answers; "composed" where the hold asks for more than the function knows. */
export type DecideAnswer = HoldAnswer & { now: string };

/** The hold as it was decided, by this command or by the same one before; throws the refusal otherwise. */
export function decidedHold(answer: DecideAnswer, holdId: string, verdict: string): Hold {
  if ((answer.code !== "ok" && answer.code !== "repeated") || answer.hold === undefined)
    throw refusal(answer, holdId, verdict);
  return renderHold(answer.hold, answer.now);
}

/** What was sent, checked against what is stored: no more than that is needed to decide. One read to modify or answer. */
export async function checkDecision(
  deps: DecideHoldDeps,
  request: DecideHoldRequest,
): Promise<PreparedDecision & CheckedDecision> {
  const { holdId, input, claimedBy, originalText } = request;
  requireFitting(input);
  const prepared = await prepare(deps, request);
  const bodyHash =
    request.idempotencyKey === undefined
      ? undefined
      : sha256Of(
          canonicalJson({
            holdId,
            ...input,
            ...(claimedBy && { claimedBy }),
            ...(originalText && { originalText }),
          } as unknown as JsonValue),
        );
  return { ...request, ...prepared, bodyHash };
}

/** The command of `decide_v1`. */
export function commandOf(request: PreparedDecision & CheckedDecision): object {
  const { holdId, input, claimedBy } = request;
  return {
    credentialHash: request.credentialHash,
    holdId,
    verdict: request.verdict,
    actionHash: input.actionHash,
    arguments: request.arguments,
    outcomeActionHash: request.outcomeActionHash,
    answer: request.answer,
    comment: input.comment,
    originalText: request.originalText,
    claimedBy,
    via: request.via,
    decisionId: createId("dec"),
    eventId: createId("evt"),
    timeoutEventId: createId("evt"),
    idempotencyKey: request.idempotencyKey,
    bodyHash: request.bodyHash,
  };
}

function requireFitting(input: DecisionInput): void {
  const errors: Misfit[] = [];
  const { verdict } = input;
  if (verdict === "modify" && (input.modifications === undefined) === (input.arguments === undefined)) {
    errors.push({
      path: "modifications",
      message: "modify needs either modifications or arguments, not both",
    });
  }
  if (verdict !== "modify" && (input.modifications !== undefined || input.arguments !== undefined)) {
    errors.push({ path: "modifications", message: `belongs to modify, not to ${verdict}` });
  }
  if (verdict === "answer" && input.answer === undefined)
    errors.push({ path: "answer", message: "is required to answer" });
  if (verdict !== "answer" && input.answer !== undefined)
    errors.push({ path: "answer", message: `belongs to answer, not to ${verdict}` });
  const first = errors[0];
  if (first !== undefined)
    throw new ProblemError("invalid_request", `The decision is incomplete: ${first.path} ${first.message}.`, {
      errors,
    });
}

const STAYS_OPEN = "Nothing was decided: the hold stays open.";

export interface PreparedDecision {
  verdict: DecisionInput["verdict"];
  arguments?: JsonObject;
  outcomeActionHash?: string;
  answer?: JsonValue;
}

/** Checks what a person sends along against what is stored; both are immutable, so this needs no lock. */
async function prepare(deps: DecideHoldDeps, request: DecideHoldRequest): Promise<PreparedDecision> {
  const { input } = request;
  if (input.verdict !== "modify" && input.verdict !== "answer") return { verdict: input.verdict };
  const read = (await deps.database.callIdempotent(
    "get_hold_v1",
    request.credentialHash,
    request.holdId,
  )) as HoldAnswer & { now: string };
  if (read.code !== "ok" || read.hold === undefined) throw refusal(read, request.holdId, input.verdict);
  // A hold that is over, also by its deadline alone (I6), or that does not take this verdict, is told so by the function,
  // whatever was sent along.
  const status = effectiveStatus(holdState(read.hold), read.now);
  if (status !== "pending" || !read.hold.verdicts.includes(input.verdict)) return { verdict: input.verdict };
  return input.verdict === "modify"
    ? prepareModification(deps, read.hold, input)
    : prepareAnswer(deps, read.hold, input);
}

function prepareModification(deps: DecideHoldDeps, row: HoldRow, input: DecisionInput): PreparedDecision {
  if (row.action === null) return prepareResult(row, input);
  const { name } = row.action;
  const merged = mergeModification(row.action.arguments, input);
  if ("errors" in merged) throw invalidArguments(name, merged.errors, STAYS_OPEN);
  if (!merged.isChanged) return { verdict: "approve" };
  const changed = parseModified(deps, row, name, merged.arguments);
  if (canonicalJson(changed) === canonicalJson(row.action.arguments)) return { verdict: "approve" };
  return {
    verdict: "modify",
    arguments: changed,
    outcomeActionHash: actionHash({
      orgId: row.org_id,
      tool: name,
      toolHash: row.tool_hash,
      arguments: changed,
      agentId: row.agent_id,
      runId: row.run_id,
      toolCallId: row.tool_call_id,
    }),
  };
}

/** By the tool itself while it is the one that was shown; otherwise by the schema stored with the hold. */
function parseModified(deps: DecideHoldDeps, row: HoldRow, name: string, value: JsonObject): JsonObject {
  const tool = deps.tools.findTool(name);
  if (tool !== undefined && tool.toolHash === row.tool_hash) {
    const parsed = tool.parseArguments(value);
    if (!parsed.ok) throw invalidArguments(name, parsed.errors, STAYS_OPEN);
    return parsed.value;
  }
  const misfits = row.action_schema === null ? [] : deps.schemas.check(row.action_schema, value);
  if (misfits.length > 0) throw invalidArguments(name, misfits, STAYS_OPEN);
  return value;
}

/** An escalation's result, edited: modify {result}. */
function prepareResult(row: HoldRow, input: DecisionInput): PreparedDecision {
  const edited = input.arguments ?? input.modifications ?? {};
  const unknown = Object.keys(edited).filter((key) => key !== "result");
  if (!("result" in edited) || unknown.length > 0) {
    throw new ProblemError("invalid_request", "An escalation is modified by {result}.", {
      errors: [{ path: "modifications", message: "must be {result}" }],
    });
  }
  return canonicalJson(edited["result"] ?? null) === canonicalJson(row.question?.["result"] ?? null)
    ? { verdict: "approve" }
    : { verdict: "modify", arguments: edited };
}

function prepareAnswer(deps: DecideHoldDeps, row: HoldRow, input: DecisionInput): PreparedDecision {
  return { verdict: "answer", answer: checkGivenAnswer(deps.schemas, row, input.answer) };
}
