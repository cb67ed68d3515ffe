import { isTerminalHold, type HoldpointEvent, type HoldStatus, type JsonObject } from "@holdpoint/protocol";
import { renderInstantOrNull } from "../../database/instant.ts";
import type { LogEvent } from "../../events/event-log.ts";
import type { StreamEncoding } from "../../events/stream-encoding.ts";
import { deadlineOf, decisionOf, type GlaipDecision } from "./requests.ts";

/**
 * Native events of a run as the chunks of its stream. Each chunk is made of one event alone, so that nothing has to be kept
 * between them: the stream tells the same to whoever comes late, on whichever instance.
 */
export function glaipChunks(runId: string): StreamEncoding {
  return {
    encode: (told) => {
      const chunks = told.flatMap(({ event }) => chunkOf(runId, event) ?? []);
      if (chunks.length === 0) return [];
      return [Buffer.from(chunks.map((chunk) => `data: ${JSON.stringify(chunk)}\n\n`).join(""))];
    },
    // A comment: whoever waits for the first chunk sees that the stream is open.
    start: () => Buffer.from(": \n\n"),
  };
}

/** The run's own events come as they are written; `LogEvent` is what any stream tells. */
function chunkOf(runId: string, told: LogEvent): object | undefined {
  const event = told as HoldpointEvent;
  const { data } = event;
  switch (event.type) {
    case "hold.created":
      return asked(event);
    case "hold.decided":
    case "hold.expired":
    case "hold.cancelled":
      return resolved(event);
    case "run.step":
      return spoken(data);
    case "action.executed":
    case "action.failed":
      return thinking(
        event.type === "action.executed"
          ? `Tool '${event.actionName}' has finished.`
          : `Tool '${event.actionName}' failed.`,
        {
          tool_info: {
            id: event.toolCallId,
            name: event.actionName,
            output: data["result"] ?? data["error"] ?? null,
            execution_time: null,
          },
        },
      );
    case "run.paused":
      return thinking("An operator has paused the run.", {});
    // Of a run that an agent called for this one, its end is no end.
    case "run.completed":
    case "run.failed":
    case "run.cancelled":
    case "run.killed":
      return event.runId === runId ? ended(event) : undefined;
    default:
      return undefined;
  }
}

function thinking(content: string, metadata: object): object {
  return {
    status: "success",
    task_state: "working",
    content,
    metadata: { kind: "agent_thinking_step", status: "finished", ...metadata },
  };
}

function asked(event: HoldpointEvent): object {
  const { data, holdId, createdAt } = event;
  const title = textOf(data["title"]);
  // A question is no request for an approval: whoever it is for answers it where they are asked.
  if (data["kind"] !== "approval") return thinking(`The agent waits for an answer: ${title}`, {});
  const expiresAt = renderInstantOrNull((data["expiresAt"] ?? null) as string | null);
  return thinking(`Awaiting human approval for request '${holdId}'. ${title}`, {
    hitl: {
      required: true,
      decision: "pending",
      request_id: holdId,
      ...deadlineOf({ createdAt, expiresAt }),
    },
    tool_info: toolInfo(event),
  });
}

/** The protocol has no word for what was withdrawn or changed; the sentence says it. */
const SAID: Record<GlaipDecision | "cancelled" | "modified", string> = {
  pending: "is pending",
  approved: "was approved",
  rejected: "was rejected",
  skipped: "was skipped",
  timeout_skip: "was skipped, because nobody decided in time",
  cancelled: "was withdrawn before anybody decided",
  modified: "was approved with changes",
};

function resolved(event: HoldpointEvent): object | undefined {
  const { kind, action } = event.data;
  if (action == null || (kind !== undefined && kind !== "approval")) return undefined;
  const status = event.type === "hold.cancelled" ? "cancelled" : textOf(event.data["status"]);
  // A deadline that has passed and ends nothing has an event of its own.
  if (!isTerminalHold(status as HoldStatus)) return undefined;
  const decision = decisionOf(status);
  const why = event.rationale === null ? "" : ` ${event.rationale}`;
  const said = status === "cancelled" || status === "modified" ? status : decision;
  return thinking(`Request '${event.holdId}' ${SAID[said]}.${why}`, {
    hitl: { required: true, decision, request_id: event.holdId },
    tool_info: toolInfo(event),
  });
}

/** With the arguments as they were shown, and from the decision on as they are executed. */
function toolInfo({ data, toolCallId, actionName }: HoldpointEvent): object {
  const action = data["action"] as JsonObject | undefined;
  const outcome = data["outcome"] as JsonObject | null | undefined;
  return {
    id: toolCallId,
    name: actionName,
    args: outcome?.["arguments"] ?? action?.["arguments"] ?? {},
    output: null,
    execution_time: null,
  };
}

/** What the agent said before it called tools; its last words come with the end of the run. */
function spoken(data: JsonObject): object | undefined {
  const text = textOf(data["text"]);
  const calls = data["toolCalls"];
  return text === "" || !Array.isArray(calls) || calls.length === 0 ? undefined : thinking(text, {});
}

function ended({ type, data }: HoldpointEvent): object {
  if (type === "run.completed")
    return {
      status: "success",
      task_state: "completed",
      content: textOf(data["output"]),
      metadata: { kind: data["endReason"] === "step_limit" ? "step_limit_exceeded" : "final_response" },
    };
  const error = data["error"] as JsonObject | undefined;
  const failed = type === "run.failed";
  const why = textOf(data["reason"]);
  return {
    status: "error",
    task_state: failed ? "failed" : "canceled",
    content: failed ? textOf(error?.["message"]) : `The run was cancelled.${why === "" ? "" : ` ${why}`}`,
    metadata: { kind: "error" },
  };
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}
