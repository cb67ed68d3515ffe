import type { HitlDecision } from "../hitl.ts";

/** The member `hitl` of a pause. */
export interface HitlMetadata {
  required: boolean;
  decision: string;
  request_id: string;
  timeout_at?: string;
  timeout_seconds?: number;
}

/** What an operator is asked. */
export interface HitlRequest {
  request_id: string;
  tool_name: string;
  tool_args: Record<string, unknown>;
  /** ISO 8601; the source of truth for how long there is (R202). */
  timeout_at: string | null;
  timeout_seconds: number | null;
  hitl_metadata: HitlMetadata;
  tool_metadata: Record<string, unknown>;
}

/** What an operator says. */
export interface HitlResponse {
  decision: HitlDecision;
  operator_input?: string | undefined;
}

const DECISIONS: ReadonlySet<unknown> = new Set<HitlDecision>(["approved", "rejected", "skipped"]);

export function isHitlResponse(said: unknown): said is HitlResponse {
  if (typeof said !== "object" || said === null) return false;
  const { decision, operator_input } = said as Record<string, unknown>;
  return (
    DECISIONS.has(decision) &&
    (operator_input === undefined || operator_input === null || typeof operator_input === "string")
  );
}

/** The request that a chunk of a run asks; undefined for any other chunk. Throws for one that asks and makes no sense. */
export function findHitlRequest(chunk: unknown): HitlRequest | undefined {
  const metadata = memberOf(chunk, "metadata");
  const hitl = memberOf(metadata, "hitl");
  if (hitl === undefined) {
    if (metadata !== undefined && metadata["hitl"] != null)
      throw new TypeError("its member hitl is no object");
    return undefined;
  }
  if (typeof hitl["decision"] !== "string") throw new TypeError("its member hitl has no decision");
  if (hitl["required"] !== true || hitl["decision"] !== "pending") return undefined;
  const { request_id, timeout_at, timeout_seconds } = hitl;
  const tool = memberOf(metadata, "tool_info");
  const { name, args } = tool ?? {};
  if (typeof request_id !== "string" || request_id === "" || typeof name !== "string") {
    throw new TypeError(`a pause without request or tool: ${JSON.stringify(hitl).slice(0, 200)}`);
  }
  return {
    request_id,
    tool_name: name,
    tool_args: memberOf(tool, "args") ?? (args === undefined ? {} : { args }),
    timeout_at: typeof timeout_at === "string" ? timeout_at : null,
    timeout_seconds: typeof timeout_seconds === "number" ? timeout_seconds : null,
    hitl_metadata: hitl as unknown as HitlMetadata,
    tool_metadata: tool ?? {},
  };
}

/** The request that a chunk says is over, however that came. */
export function findResolved(chunk: unknown): string | undefined {
  const { request_id, decision } = memberOf(memberOf(chunk, "metadata"), "hitl") ?? {};
  return typeof request_id === "string" && typeof decision === "string" && decision !== "pending"
    ? request_id
    : undefined;
}

function memberOf(value: unknown, name: string): Record<string, unknown> | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  const member = (value as Record<string, unknown>)[name];
  return typeof member === "object" && member !== null && !Array.isArray(member)
    ? (member as Record<string, unknown>)
    : undefined;
}

const LEAST_MS = 5_000;

/**
 * How long a callback may take: 80 % of the time that is left, the rest is for the network (R201); at least 5 s, and never
 * more than there is. `timeout_seconds` counts only where `timeout_at` cannot be read (R203). Undefined: for ever.
 */
export function callbackBudgetMs(request: HitlRequest, now: number): number | undefined {
  const deadline = request.timeout_at === null ? Number.NaN : Date.parse(request.timeout_at);
  const seconds = request.timeout_seconds;
  const leftMs = Number.isNaN(deadline) ? (seconds === null ? undefined : seconds * 1000) : deadline - now;
  if (leftMs === undefined) return undefined;
  const share = Math.floor((0.8 * leftMs) / 1000) * 1000;
  return Math.max(0, Math.min(leftMs, Math.max(LEAST_MS, share)));
}
