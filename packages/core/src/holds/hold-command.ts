import type {
  EventType,
  HoldStatus,
  JsonObject,
  JsonValue,
  Outcome,
  Strength,
  ToolCallCommand,
  Verdict,
} from "@holdpoint/protocol";
import type { Witness } from "../routes/quorum.ts";
import type { Decider, HoldState } from "./hold-state.ts";

export interface DecideCommand {
  type: "decide";
  verdict: Verdict;
  by: Decider;
  /** What the person was shown (I8). Needed to approve or modify an action. */
  actionHash?: string | undefined;
  modifications?: JsonObject | undefined;
  arguments?: JsonObject | undefined;
  answer?: JsonValue | undefined;
  comment?: string | null | undefined;
}

export type HoldCommandInput =
  | DecideCommand
  /** Withdraws a hold: whoever asked for it, a member of role operator and up, or the run that ends. */
  | { type: "cancel"; by: Decider; reason?: string | null | undefined }
  /** The sweeper's: makes `onTimeout` take effect. */
  | { type: "timeout" };

/** What follows from a transition, as data; written in the same transaction as the row. */
export type Effect =
  /** Exactly one for each transition (I5). */
  | {
      type: "record";
      event: EventType;
      decision: HoldStatus | null;
      by: Outcome["by"] | null;
      rationale: string | null;
    }
  /** The call that was held takes the outcome. */
  | { type: "moveToolCall"; toolCallId: string; command: ToolCallCommand; actionHash: string | null }
  /** The run is due: something it waited for is there. */
  | { type: "advanceRun"; runId: string }
  /** The deadline moved; null takes it away. */
  | { type: "schedule"; at: string | null }
  /** Everybody who was asked is told how it ended, or that it moved. */
  | { type: "notify"; holdId: string; about: "ended" | "escalated" | "voted" };

export interface FieldError {
  /** As `formatPath` writes it; empty for the whole. */
  path: string;
  message: string;
}

/** Why a person may not decide. */
export type NotAllowedReason =
  | "agent_key"
  | "role"
  | "route"
  | "requester"
  | "starter"
  | "end_user"
  | "owner";

export type Rejection =
  /** Another decision won; `winner` says which (I3). */
  | { code: "already_decided"; winner: Winner }
  | { code: "expired"; expiredAt: string }
  /** `needs`: who may, in words, where it takes more than a role. */
  | { code: "not_allowed"; why: NotAllowedReason; needsRole?: string; needs?: string }
  | { code: "not_strong_enough"; needs: Strength; has: Strength }
  | { code: "verdict_not_allowed"; verdict: Verdict; allowed: Verdict[] }
  | { code: "action_changed"; expected: string; received: string | null }
  | { code: "arguments_invalid"; errors: FieldError[] }
  | { code: "answer_invalid"; errors: FieldError[] }
  | { code: "not_due"; expiresAt: string | null };

export interface Winner {
  status: HoldStatus;
  by: Outcome["by"] | null;
  at: string | null;
  comment: string | null;
}

export interface HoldTransition {
  next: HoldState;
  effects: Effect[];
  /** Of a release by people: who was counted, and by what right. */
  witnesses?: readonly Witness[];
}

/**
 * Checks a value against a JSON Schema and gives it back with the schema's defaults, or what is wrong with it. Passed
 * in, because validators compile code and core does not.
 */
export type SchemaCheck = (
  schema: JsonObject,
  value: JsonValue,
) => { value: JsonValue } | { errors: FieldError[] };

export function isRejection<T extends object>(
  outcome: T | { code: string },
): outcome is Extract<typeof outcome, { code: string }> {
  return "code" in outcome;
}
