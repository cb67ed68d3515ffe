import {
  canonicalJson,
  JsonValueError,
  jsonValueSchema,
  parseJson,
  textSchema,
  type DecisionInput,
  type Hold,
  type JsonObject,
  type JsonValue,
  type Run,
} from "@holdpoint/protocol";
import { z } from "zod";
import { idempotencyMismatch } from "../../identity/common-refusal.ts";
import { parseWith } from "../../http/request.ts";
import { ProblemError } from "../../problem.ts";
import { hasMembers, openHolds, questionsOf } from "./questions.ts";
import { renderTools, type AgentOsTool } from "./render-run.ts";

const fieldSchema = z.looseObject({
  name: textSchema(200, 1),
  description: textSchema(100_000).nullish(),
  value: jsonValueSchema.nullish(),
});

/** What of an item counts; clients send back all that they were given. */
const toolSchema = z.looseObject({
  tool_call_id: textSchema(200, 1),
  tool_name: textSchema(200).nullish(),
  tool_args: jsonValueSchema.nullish(),
  confirmed: z.boolean().nullish(),
  confirmation_note: textSchema(4_000).nullish(),
  user_input_schema: z.array(fieldSchema).max(200).nullish(),
});
export type GivenTool = z.output<typeof toolSchema>;

export interface ToolDecision {
  holdId: string;
  input: DecisionInput;
}

/** The `tools` field: a JSON text with an array of calls. 400 when it is none, 422 when an item does not fit. */
export function parseTools(text: string): GivenTool[] {
  let value: unknown;
  try {
    value = parseJson(text);
  } catch (error) {
    const why = error instanceof JsonValueError ? error.reason : "it cannot be parsed";
    throw new ProblemError("invalid_json", `The field tools is not JSON: ${why}.`, { cause: error });
  }
  if (!Array.isArray(value)) throw new ProblemError("invalid_json", "The field tools is no JSON array.");
  const tools = parseWith(z.array(toolSchema).max(500), value, "field tools");
  const twice = tools.find(({ tool_call_id }, index) =>
    tools.slice(0, index).some((other) => other.tool_call_id === tool_call_id),
  );
  if (twice === undefined) return tools;
  throw new ProblemError("invalid_request", `The call ${twice.tool_call_id} comes twice in tools.`, {
    errors: [{ path: "tools", message: `${twice.tool_call_id} comes twice` }],
  });
}

/**
 * What a client's items decide: of each open hold of the run exactly one thing, or it is refused as a whole (R231). What the
 * client says of a call is compared with what is stored and never taken from it (R264): the decision is on the hold that
 * was read here, and on its action (I8).
 *
 * With `isRepeatable` (the request has a key) and nothing left that waits, what was decided meanwhile is decided again: the key
 * tells whether by the same.
 */
export function decisionsOf(run: Run, given: readonly GivenTool[], isRepeatable: boolean): ToolDecision[] {
  const shown = renderTools(run);
  const open = openHolds(run).filter(isDecidedHere);
  const isRepeat = isRepeatable && open.length === 0;
  for (const item of given) {
    const tool = shown.find(({ tool_call_id }) => tool_call_id === item.tool_call_id);
    if (tool === undefined) {
      throw new ProblemError("conflict", `Run ${run.id} has no call ${item.tool_call_id}. ${NOTHING}`);
    }
    const differs =
      (item.tool_name != null && item.tool_name !== tool.tool_name) ||
      (item.tool_args != null && canonicalJson(item.tool_args) !== canonicalJson(tool.tool_args));
    if (differs) {
      throw new ProblemError(
        "action_changed",
        `The call ${tool.tool_call_id} is not the one that was sent back: it is ${tool.tool_name} with ${canonicalJson(tool.tool_args)}. ${NOTHING} Read the run again and decide on what it shows.`,
        { tool_call_id: tool.tool_call_id },
      );
    }
    const other = fieldOfAnother(item, tool);
    if (other !== undefined) {
      throw new ProblemError(
        "action_changed",
        `The call ${tool.tool_call_id} does not ask ${JSON.stringify(other)} any more. ${NOTHING} Read the run again and answer what it shows.`,
        { tool_call_id: tool.tool_call_id },
      );
    }
    const said = item.confirmed ?? null;
    if (!isRepeat && said !== null && tool.confirmed !== null && tool.confirmed !== said) {
      throw new ProblemError(
        "already_decided",
        `The call ${tool.tool_call_id} is over: ${howItEnded(run, tool.tool_call_id)}. ${NOTHING}`,
        { tool_call_id: tool.tool_call_id },
      );
    }
  }
  const decisions = open.map((hold) => {
    const item = given.find(({ tool_call_id }) => tool_call_id === hold.toolCallId);
    return { hold, input: item && inputOf(hold, item, questionsOf(run, hold.toolCallId ?? "")) };
  });
  const missing = decisions.filter(({ input }) => input === undefined).map(({ hold }) => hold.toolCallId);
  if (missing.length > 0) {
    throw new ProblemError(
      "conflict",
      `Every call that waits has to be decided, all together: missing ${[...new Set(missing)].join(", ")}. ${NOTHING}`,
      { missing: [...new Set(missing)] },
    );
  }
  const repeated = isRepeat ? decidedBefore(run, given) : [];
  return [
    ...decisions.map(({ hold, input }) => ({ holdId: hold.id, input: input as DecisionInput })),
    ...repeated,
  ];
}

/**
 * What the items decide of the holds that their request's key has decided before: the same again, whatever the run waits for by
 * now, and never anything else. Whether each says the same is compared where it is decided. Throws `idempotency_mismatch` for
 * items about other holds.
 */
export function decisionsAgain(
  run: Run,
  given: readonly GivenTool[],
  holdIds: readonly string[],
): ToolDecision[] {
  const holds = run.holds.filter(({ id }) => holdIds.includes(id));
  const decisions = holds.flatMap((hold) => {
    const item = given.find(({ tool_call_id }) => tool_call_id === hold.toolCallId);
    const input = item && isAbout(hold, item) ? inputOf(hold, item, questionsIn(holds, hold)) : undefined;
    return input === undefined ? [] : [{ holdId: hold.id, input }];
  });
  const decidesMore = openHolds(run)
    .filter((hold) => isDecidedHere(hold) && !holds.some(({ toolCallId }) => toolCallId === hold.toolCallId))
    .some((hold) => given.some((item) => item.tool_call_id === hold.toolCallId && saysSomething(item)));
  if (decisions.length < holdIds.length || decidesMore) throw idempotencyMismatch();
  return decisions;
}

function isAbout({ action }: Hold, { tool_args: args }: GivenTool): boolean {
  return action === null || args == null || canonicalJson(args) === canonicalJson(action.arguments);
}

function saysSomething({ confirmed, user_input_schema: fields }: GivenTool): boolean {
  return confirmed != null || (fields ?? []).some(({ value }) => value != null);
}

function questionsIn(holds: readonly Hold[], { toolCallId }: Hold): Hold[] {
  return holds.filter((hold) => hold.kind === "clarification" && hold.toolCallId === toolCallId);
}

const NOTHING = "Nothing was decided.";

/** A field that was filled in and sent back as another question had shown it: all questions of a call have the same names. */
function fieldOfAnother(item: GivenTool, { user_input_schema: shown }: AgentOsTool): string | undefined {
  const filled = (item.user_input_schema ?? []).filter(({ value }) => value != null);
  return (
    filled.find(({ name, description }) => {
      const asked = shown?.find((field) => field.name === name);
      return asked !== undefined && description != null && description !== asked.description;
    })?.description ?? undefined
  );
}

/** A deadline and a withdrawal are nobody's no. */
function howItEnded(run: Run, toolCallId: string): string {
  const holdId = run.toolCalls.find(({ id }) => id === toolCallId)?.holdId;
  const status = run.holds.find(({ id }) => id === holdId)?.status;
  switch (status) {
    case "expired":
      return "nobody decided in time";
    case "cancelled":
      return "it was withdrawn before anybody decided";
    case "approved":
    case "modified":
      return "it was confirmed";
    default:
      return "it was not confirmed";
  }
}

/** The others are decided at /approvals, in the inbox, or by signing in somewhere. */
function isDecidedHere({ kind, toolCallId }: Hold): boolean {
  return toolCallId !== null && (kind === "approval" || kind === "clarification");
}

/** undefined where the item says nothing: that is no decision, and never a no. */
function inputOf(hold: Hold, item: GivenTool, siblings: readonly Hold[]): DecisionInput | undefined {
  const comment = item.confirmation_note == null ? {} : { comment: item.confirmation_note };
  if (item.confirmed === false) return { verdict: "reject", ...comment };
  if (hold.kind === "clarification") {
    const answer = answerOf(hold, siblings, item.user_input_schema ?? []);
    return answer === undefined ? undefined : { verdict: "answer", answer, ...comment };
  }
  if (item.confirmed !== true) return undefined;
  return { verdict: "approve", ...(hold.action && { actionHash: hold.action.hash }), ...comment };
}

/** Values as they were sent, types and all: the question's own schema says whether they fit (defect 33). */
function answerOf(
  hold: Hold,
  siblings: readonly Hold[],
  fields: readonly { name: string; value?: JsonValue | null | undefined }[],
): JsonValue | undefined {
  const given = fields.filter(({ value }) => value !== null && value !== undefined);
  if (siblings.length > 1) return given.find(({ name }) => name === hold.id)?.value ?? undefined;
  if (!hasMembers(hold)) return given.find(({ name }) => name === "answer")?.value ?? undefined;
  return given.length === 0
    ? undefined
    : (Object.fromEntries(given.map(({ name, value }) => [name, value])) as JsonObject);
}

function decidedBefore(run: Run, given: readonly GivenTool[]): ToolDecision[] {
  return given.flatMap((item) => {
    const holdId = run.toolCalls.find(({ id }) => id === item.tool_call_id)?.holdId;
    const hold = run.holds.find(({ id, kind }) => id === holdId && kind === "approval");
    const input = hold && inputOf(hold, item, []);
    return hold === undefined || input === undefined ? [] : [{ holdId: hold.id, input }];
  });
}
