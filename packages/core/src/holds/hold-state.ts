import type {
  Fulfilment,
  HoldKind,
  HoldStatus,
  JsonObject,
  JsonValue,
  OnTimeout,
  Outcome,
  Question,
  Quorum,
  Reversibility,
  Route,
  Separation,
  Strength,
  Tier,
  Verdict,
} from "@holdpoint/protocol";
import type { Person } from "../routes/eligibility.ts";

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
  /** How many must say yes to the same bytes, and how many noes end it. */
  quorum: Quorum;
  /** The least strength of a decision. */
  strength: Strength;
  /** What people have said to what is asked now, in order; empty again whenever something else is asked (I8). */
  votes: readonly Vote[];
  /** Where `onTimeout: "escalate"` leads: the end of the ladder. `askedAt`: since when its people are asked besides. */
  ladderEnd: { route: Route; timeoutSeconds: number; askedAt: string | null };
  createdAt: string;
  expiresAt: string | null;
  onTimeout: OnTimeout;
  decidedAt: string | null;
  outcome: Outcome | null;
  fulfilment: Fulfilment;
  version: number;
}

/** What one person said while others still have to. */
export interface Vote {
  /** The person with the rights they have now; null for somebody who has been removed. */
  person: Person | null;
  by: Outcome["by"];
  verdict: Verdict;
  /** What a yes is for, as in an outcome; all null for a no. */
  arguments: JsonObject | null;
  actionHash: string | null;
  answer: JsonValue;
  comment: string | null;
  at: string;
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
  /** Their mail address, for routes that name them by it. */
  email?: string | undefined;
  /** Those they stand in for at the moment. */
  standsInFor?: Person["standsInFor"] | undefined;
  /** When the session that it comes from was signed in to; null for a key. */
  signedInAt?: string | null | undefined;
  /** The channel it came by: `api`, `console`, `slack`, … */
  via: string;
  verifiedBy: string;
}
