import type { Hold, JsonObject, JsonValue, Run, RunStatus, RunSummary, ToolCall } from "@holdpoint/protocol";
import { isAtRest } from "../../runs/run-follower.ts";
import { fieldsOf, openHolds, questionsOf, type AgentOsField } from "./questions.ts";

/** A call as clients of this protocol know it, and send it back with their decision. */
export interface AgentOsTool {
  tool_call_id: string;
  tool_name: string;
  tool_args: JsonValue;
  tool_call_error: boolean | null;
  result: string | null;
  created_at: number;
  requires_confirmation: boolean;
  confirmed: boolean | null;
  confirmation_note: string | null;
  requires_user_input: boolean;
  user_input_schema: AgentOsField[] | null;
  external_execution_required: boolean;
}

/** Statuses as this protocol writes them; a run that holds is at rest where a person has to decide. */
const STATUSES = {
  queued: "PENDING",
  running: "RUNNING",
  holding: "PAUSED",
  paused: "PAUSED",
  completed: "COMPLETED",
  failed: "ERROR",
  cancelled: "CANCELLED",
} as const satisfies Record<RunStatus, string>;
type AgentOsStatus = (typeof STATUSES)[RunStatus];

const RUN_WORDS = Object.keys(STATUSES) as RunStatus[];

/**
 * What a list of runs is asked for by: the words of `status`, those of `state`, and for what is exacter than they are Holdpoint's
 * own. `paused` is the word of `state`, as answers show it: with what holds.
 */
export const STATUS_WORDS: ReadonlyMap<string, readonly RunStatus[]> = new Map<string, readonly RunStatus[]>([
  ...RUN_WORDS.map((word) => [word, [word]] as const),
  ...Object.values(STATUSES).flatMap((status) => {
    const stored = RUN_WORDS.filter((word) => STATUSES[word] === status);
    return [[status, stored] as const, [status.toLowerCase(), stored] as const];
  }),
]);

export function statusOf(run: Run): AgentOsStatus {
  return run.status === "holding" && !isAtRest(run) ? "RUNNING" : STATUSES[run.status];
}

/** Instants are seconds since 1970 here. */
export function seconds(instant: string): number {
  return Math.floor(Date.parse(instant) / 1000);
}

/** A run without its parts, as lists show it. */
export function renderAgentOsSummary(run: RunSummary, agentName: string, status?: AgentOsStatus) {
  const shown = status ?? STATUSES[run.status];
  return {
    run_id: run.id,
    agent_id: run.agentId,
    agent_name: agentName,
    session_id: run.sessionId,
    user_id: run.endUserId,
    content: run.output ?? (run.status === "failed" ? errorOf(run) : null),
    content_type: "str",
    model: run.model,
    metrics: {
      input_tokens: run.usage?.inputTokens ?? 0,
      output_tokens: run.usage?.outputTokens ?? 0,
      total_tokens: run.usage?.totalTokens ?? 0,
    },
    status: shown,
    state: shown.toLowerCase(),
    created_at: seconds(run.createdAt),
  };
}

/** A run with its messages and calls; of one that is paused, what it waits for. */
export function renderAgentOsRun(run: Run, agentName: string) {
  const status = statusOf(run);
  const tools = renderTools(run);
  const waiting = status === "PAUSED" ? openHolds(run) : [];
  return {
    ...renderAgentOsSummary(run, agentName, status),
    ...(status === "PAUSED" && { content: describePause(run, waiting) }),
    messages: run.messages.flatMap(renderMessage),
    tools,
    requirements: renderRequirements(run),
    ...(status === "PAUSED" && {
      awaiting_confirmation: tools
        .filter(({ requires_confirmation, confirmed }) => requires_confirmation && confirmed === null)
        .map(({ tool_call_id, tool_name, tool_args }) => ({ tool_call_id, tool_name, tool_args })),
    }),
  };
}

/** Why a run has failed, in words. */
export function errorOf(run: RunSummary): string {
  const message = (run.error as JsonObject | null)?.["message"];
  return typeof message === "string" ? message : "The run failed.";
}

/** The calls of a run, and those of agents it called about which somebody is asked. */
export function renderTools(run: Run): AgentOsTool[] {
  const below = openHolds(run).filter(
    ({ toolCallId }) => toolCallId !== null && !run.toolCalls.some(({ id }) => id === toolCallId),
  );
  return [
    ...run.toolCalls.map((call) => renderTool(run, call)),
    ...[...new Set(below.map(({ toolCallId }) => toolCallId))].map((id) =>
      renderCallBelow(below.filter(({ toolCallId }) => toolCallId === id)),
    ),
  ];
}

/** The calls that a person is asked about. */
export function renderRequirements(run: Run) {
  const asked = new Set(openHolds(run).map(({ toolCallId }) => toolCallId));
  return renderTools(run)
    .filter(({ tool_call_id }) => asked.has(tool_call_id))
    .map((tool) => ({
      id: tool.tool_call_id,
      created_at: tool.created_at,
      tool_execution: tool,
      confirmation: tool.confirmed,
      confirmation_note: tool.confirmation_note,
      user_input_schema: tool.user_input_schema,
    }));
}

export function renderTool(run: Run, call: ToolCall): AgentOsTool {
  const approval = run.holds.find(({ id, kind }) => id === call.holdId && kind === "approval");
  const questions = questionsOf(run, call.id);
  const hasFailed = isError(call);
  return {
    tool_call_id: call.id,
    tool_name: call.name,
    // What a person is shown, and what is executed: with defaults, and as they changed it.
    tool_args: approval?.outcome?.arguments ?? approval?.action?.arguments ?? call.arguments,
    tool_call_error: hasFailed ? true : call.status === "succeeded" ? false : null,
    result: hasFailed ? toolErrorOf(call) : call.status === "succeeded" ? asText(call.result) : null,
    created_at: seconds(approval?.createdAt ?? call.startedAt ?? run.createdAt),
    requires_confirmation: approval !== undefined,
    confirmed: approval === undefined ? null : confirmedBy(approval),
    confirmation_note: approval?.outcome?.comment ?? null,
    requires_user_input: questions.length > 0,
    user_input_schema: questions.length > 0 ? questions.flatMap((hold) => fieldsOf(hold, questions)) : null,
    external_execution_required: false,
  };
}

function renderCallBelow(holds: readonly Hold[]): AgentOsTool {
  const approval = holds.find(({ kind }) => kind === "approval");
  const questions = holds.filter(({ kind }) => kind === "clarification");
  const [hold] = holds;
  return {
    tool_call_id: hold?.toolCallId ?? "",
    tool_name: approval?.action?.name ?? hold?.title ?? "",
    tool_args: approval?.action?.arguments ?? {},
    tool_call_error: null,
    result: null,
    created_at: seconds(hold?.createdAt ?? ""),
    requires_confirmation: approval !== undefined,
    confirmed: null,
    confirmation_note: null,
    requires_user_input: questions.length > 0,
    user_input_schema: questions.length > 0 ? questions.flatMap((one) => fieldsOf(one, questions)) : null,
    external_execution_required: false,
  };
}

function confirmedBy(hold: Hold): boolean | null {
  if (hold.status === "pending") return null;
  return hold.status === "approved" || hold.status === "modified";
}

/** A call that is over and gave no result. */
export function isError({ status }: ToolCall): boolean {
  return ["rejected", "skipped", "expired", "cancelled", "failed"].includes(status);
}

/** What the agent is told of it. */
export function toolErrorOf(call: ToolCall): string {
  const message = (call.error as JsonObject | null)?.["message"];
  return typeof message === "string" ? message : `The call was ${call.status}.`;
}

export function asText(value: JsonValue): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}

/** Who has confirmed, and finds it paused still, sees that somebody else has to as well. */
function nameOf({ title, quorum }: Hold): string {
  return quorum.required > 1 ? `${title} (by ${quorum.required} different people)` : title;
}

function describePause(run: Run, waiting: readonly Hold[]): string {
  if (waiting.length === 0) return "An operator has paused this run; it goes on when they resume it.";
  const names = (holds: readonly Hold[]): string => holds.map(nameOf).join("; ");
  const toConfirm = waiting.filter(({ kind }) => kind === "approval");
  const toAnswer = waiting.filter(({ kind }) => kind === "clarification");
  const elsewhere = waiting.filter(({ kind }) => kind !== "approval" && kind !== "clarification");
  return [
    ...(toConfirm.length > 0 ? [`Confirmation is needed: ${names(toConfirm)}`] : []),
    ...(toAnswer.length > 0 ? [`An answer is needed: ${names(toAnswer)}`] : []),
    ...(elsewhere.length > 0 ? [`To be decided at /approvals or in the inbox: ${names(elsewhere)}`] : []),
  ]
    .map((sentence) => (/[.?!]$/.test(sentence) ? sentence : `${sentence}.`))
    .join(" ");
}

/** One of the run's messages, as chat models' APIs write them; a turn's results are a message each. */
function renderMessage(message: JsonObject): JsonObject[] {
  const role = message["role"] as string;
  const content = message["content"];
  if (!Array.isArray(content)) return [{ role, content: content ?? null }];
  const parts = content as JsonObject[];
  if (role === "tool") {
    return parts.map((part) => ({
      role,
      tool_call_id: part["toolCallId"] ?? null,
      tool_name: part["toolName"] ?? null,
      content: asText(outputOf(part["output"])),
    }));
  }
  const text = parts.filter(({ type }) => type === "text").map((part) => asText(part["text"] ?? ""));
  const calls = parts.filter(({ type }) => type === "tool-call");
  return [
    {
      role,
      content: text.join(""),
      ...(calls.length > 0 && {
        tool_calls: calls.map((part) => ({
          id: part["toolCallId"] ?? null,
          type: "function",
          function: { name: part["toolName"] ?? null, arguments: JSON.stringify(part["input"] ?? {}) },
        })),
      }),
    },
  ];
}

function outputOf(output: JsonValue | undefined): JsonValue {
  const { value, reason } = (output ?? {}) as { value?: JsonValue; reason?: JsonValue };
  return value ?? reason ?? null;
}
