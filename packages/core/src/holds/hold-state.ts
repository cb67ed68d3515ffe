import type {
  Fulfilment,
  HoldKind,
  HoldStatus,
  JsonObject,
  JsonValue,
  OnTimeout,
  Outcome,
  Question,
  Reversibility,
  Route,
  Separation,
  Tier,
} from "@holdpoint/protocol";

/** What the state machine needs to know of a hold. The stored row has more. */
export interface HoldState {
  id: string;
  orgId: string;
  kind: HoldKind;
  status: HoldStatus;
  /** Null where nothing would be executed: questions, sign-ins, doubts about an answer. */
  action: HeldAction | null;
  /** Set for a clarification. */
  question: Question | null;
  /** What the agent would answer, when an escalation doubts it. */
  result: JsonValue;
  /** The escalation asks what became of an execution whose outcome was lost. */
  isUnknownExecution: boolean;
  agentId: string | null;
  runId: string | null;
  toolCallId: string | null;
  /** Whom a clarification or an authorization is addressed to. */
  endUserId: string | null;
  requester: Requester;
  /** The member who started the run, when there is one. */
  starterId: string | null;
  separation: Separation;
  tier: Tier;
  route: Route;
  /** Where `onTimeout: "escalate"` leads: the end of the ladder. */
  ladderEnd: { route: Route; timeoutSeconds: number };
  createdAt: string;
  expiresAt: string | null;
  onTimeout: OnTimeout;
  decidedAt: string | null;
  outcome: Outcome | null;
  fulfilment: Fulfilment;
  version: number;
}

export interface HeldAction {
  name: string;
  arguments: JsonObject;
  /** See `actionHash`. Never changes; a modification has a hash of its own, in the outcome. */
  hash: string;
  toolHash: string | null;
  /** JSON Schema of the arguments; null for an action that is not registered. */
  schema: JsonObject | null;
  reversibility: Reversibility;
}

/** Who proposed the action (I9). */
export interface Requester {
  id: string;
  kind: "agent" | "member" | "operator_key";
  /** The member behind a session or an operator key. */
  memberId: string | null;
}

/** Who gives a verdict. `system` is an event that answers a hold, such as a completed sign-in. */
export interface Decider {
  id: string;
  name: string;
  kind: "member" | "operator_key" | "agent_key" | "end_user" | "system";
  /** The one human behind it, across channels; null for machines and end users. */
  memberId: string | null;
  role: string | null;
  /** The channel it came by: `api`, `console`, `slack`, … */
  via: string;
  verifiedBy: string;
}
