import { auditName, type HoldpointEvent, type JsonObject, type JsonValue } from "@holdpoint/protocol";
import { visible } from "./visible-text.ts";

export const REPORT_FORMATS = ["json", "jsonl", "csv", "text"] as const;
export type ReportFormat = (typeof REPORT_FORMATS)[number];

export const REPORT_MEDIA_TYPES = {
  json: "application/json",
  jsonl: "application/jsonl; charset=utf-8",
  csv: "text/csv; charset=utf-8",
  text: "text/plain; charset=utf-8",
} as const satisfies Record<ReportFormat, string>;

/** An entry as the JSON forms give it: the event, and the members of R86 by their names. */
export interface AuditEntry {
  eventType: string;
  sessionId: string | null;
  agentId: string | null;
  actionType: string | null;
  actionPayload: JsonValue;
  reviewerId: string | null;
  decision: string | null;
  timestamp: string;
  rationale: string | null;
  event: HoldpointEvent;
}

const REVIEWED = new Set<string>([
  "hold.decided",
  "hold.cancelled",
  "hold.escalated",
  "hold.assigned",
  "hold.deferred",
]);

export function auditEntry(event: HoldpointEvent): AuditEntry {
  return {
    eventType: auditName(event.type, event.decision),
    sessionId: event.sessionId,
    agentId: event.agentId,
    actionType: event.actionName,
    actionPayload: payloadOf(event.data),
    // Whoever started a run is its starter; a reviewer is somebody who acted on a hold.
    reviewerId: event.actor.kind === "member" && REVIEWED.has(event.type) ? event.actor.id : null,
    decision: event.decision,
    timestamp: event.createdAt,
    rationale: event.rationale,
    event,
  };
}

/** What was shown, or what was executed: the arguments of the action that the event is about. */
function payloadOf(data: JsonObject): JsonValue {
  const action = data["action"];
  if (typeof action !== "object" || action === null || Array.isArray(action)) return null;
  return action["arguments"] ?? null;
}

/** The text report of R89: `[ts] event: action → decision-or-auto (reviewer: id)`. */
export function renderTextLine(event: HoldpointEvent): string {
  const entry = auditEntry(event);
  const subject = entry.actionType ?? subjectOf(event);
  const decision = entry.decision ?? (event.type === "action.auto_proceeded" ? "auto" : undefined);
  const arrow = decision === undefined ? "" : ` → ${decision}`;
  const reviewer = entry.reviewerId === null ? "" : ` (reviewer: ${entry.reviewerId})`;
  const reason = entry.rationale === null ? "" : ` ${quoted(entry.rationale)}`;
  return visible(
    `[${entry.timestamp}] ${entry.eventType}: ${unmistakable(subject)}${arrow}${reviewer}${reason}`,
  );
}

/** A name or title in which what follows it on the line could be faked stands in quotes (I13). */
function unmistakable(text: string): string {
  return /["→(]/.test(text) ? quoted(text) : text;
}

function quoted(text: string): string {
  return `"${text.replaceAll('"', '\\"')}"`;
}

function subjectOf(event: HoldpointEvent): string {
  const title = event.data["title"];
  return typeof title === "string" ? title : (event.runId ?? event.holdId ?? event.id);
}

const CSV_COLUMNS = [
  "timestamp",
  "eventType",
  "sessionId",
  "agentId",
  "actionType",
  "actionPayload",
  "reviewerId",
  "decision",
  "rationale",
] as const satisfies (keyof AuditEntry)[];

export const CSV_HEADER = ["id", ...CSV_COLUMNS, "runId", "holdId"].join(",");

export function renderCsvLine(event: HoldpointEvent): string {
  const entry = auditEntry(event);
  const cells = CSV_COLUMNS.map((column) => {
    const value = entry[column];
    return value !== null && typeof value === "object" ? JSON.stringify(value) : String(value ?? "");
  });
  return [event.id, ...cells, event.runId ?? "", event.holdId ?? ""].map(csvCell).join(",");
}

/**
 * RFC 4180. What spreadsheets take for a formula is made harmless, in the wide forms of East Asia too; line feeds stay,
 * other characters that cannot be seen do not.
 */
function csvCell(text: string): string {
  const shown = text.split("\n").map(visible).join("\n");
  const safe = /^[=+\-@\n＝＋－＠]/.test(shown) ? `'${shown}` : shown;
  return /[",\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
