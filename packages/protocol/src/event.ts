import { z } from "zod";
import { instantSchema } from "./instant.ts";
import { jsonObjectSchema } from "./json-schema.ts";

/** One table of names for stream, webhooks and audit: the name on the wire, and what the audit report calls it (R87). */
export const EVENT_TYPES = {
  "hold.created": "gate_presented",
  "hold.decided": "decided",
  "hold.expired": "expired",
  "hold.kept": "kept",
  "hold.cancelled": "cancelled",
  "hold.escalated": "escalated",
  "hold.assigned": "assigned",
  "hold.deferred": "deferred",
  "hold.reevaluated": "reevaluated",
  "hold.voted": "voted",
  "hold.reminded": "reminded",
  "action.auto_proceeded": "auto_proceeded",
  "action.refused": "refused",
  "action.executing": "executing",
  "action.executed": "executed",
  "action.failed": "failed",
  "action.suspended": "suspended",
  "action.unknown": "unknown",
  "action.taken_over": "taken_over",
  "action.withdrawn": "withdrawn",
  "action.amended": "amended",
  "action.reused": "reused",
  "run.started": "run_started",
  "run.step": "step",
  "run.holding": "run_holding",
  "run.paused": "run_paused",
  "run.resumed": "run_resumed",
  "run.completed": "run_completed",
  "run.failed": "run_failed",
  "run.cancelled": "run_cancelled",
  "run.killed": "run_killed",
  "run.message": "run_message",
  "run.forked": "run_forked",
  "run.lost": "run_lost",
  "run.found": "run_found",
  "run.deleted": "run_deleted",
  "order.given": "order_given",
  "order.lifted": "order_lifted",
  "session.deleted": "session_deleted",
  "agent.created": "agent_created",
  "agent.deleted": "agent_deleted",
  "policy.changed": "policy_changed",
  "grant.created": "grant_created",
  "grant.revoked": "grant_revoked",
  "sample.reviewed": "sample_reviewed",
  "delegation.created": "delegated",
  "delegation.revoked": "delegation_revoked",
  "connection.created": "connection_created",
  "connection.extended": "connection_extended",
  "connection.refreshed": "connection_refreshed",
  "connection.expired": "connection_expired",
  "connection.revoked": "connection_revoked",
  "end_user.linked": "end_user_linked",
  "end_user.link_ended": "end_user_link_ended",
  "audit.erased": "erased",
} as const;
export type EventType = keyof typeof EVENT_TYPES;
export const eventTypes = Object.keys(EVENT_TYPES) as EventType[];

/** Text of a turn while the model speaks. Not stored: has no id, carries its offset, and the finished step has it whole. */
export const RUN_TEXT = "run.text";

/** What the audit report calls an event; a decision is called by its outcome. */
export function auditName(type: EventType, decision: string | null): string {
  return type === "hold.decided" && decision !== null ? decision : EVENT_TYPES[type];
}

/** `data:` of a server-sent event, and an entry of the JSON export. */
export const eventSchema = z.object({
  id: z.string(),
  type: z.enum(eventTypes),
  createdAt: instantSchema,
  actor: z.object({ kind: z.string(), id: z.string().nullable(), name: z.string().nullable() }),
  decision: z.string().nullable(),
  rationale: z.string().nullable(),
  actionName: z.string().nullable(),
  actionHash: z.string().nullable(),
  holdId: z.string().nullable(),
  runId: z.string().nullable(),
  toolCallId: z.string().nullable(),
  sessionId: z.string().nullable(),
  agentId: z.string().nullable(),
  endUserId: z.string().nullable(),
  data: jsonObjectSchema,
});
export type HoldpointEvent = z.infer<typeof eventSchema>;
