import type {
  GateLevel,
  Impact,
  JsonObject,
  OnTimeout,
  Quorum,
  Reason,
  Reversibility,
  Route,
  Separation,
  Strength,
  Tier,
} from "@holdpoint/protocol";
import type { Confirmation } from "./classify.ts";

/** An action as the policy looks at it: everything that conditions may ask about. */
export interface PolicyFacts {
  action: {
    name: string;
    arguments: JsonObject;
    reversibility?: Reversibility | undefined;
    impact?: Impact | undefined;
    value?: number | undefined;
    /** What the tool says it handles, such as `personal_data`. */
    handles?: readonly string[] | undefined;
    /** Whom or what it deals with, for *first time*. */
    counterparty?: string | undefined;
    requiresConfirmation?: Confirmation | undefined;
    /** The tool's own times; the policy's win where a rule names them. */
    timeoutSeconds?: number | undefined;
    onTimeout?: OnTimeout | undefined;
  };
  agentId?: string | undefined;
  endUserId?: string | undefined;
  run?: { id: string; step: number; sessionId: string | null } | undefined;
  /** 0 to 1. Absent counts as 0.5, as an answer that cannot be parsed does (R72). */
  confidence?: number | undefined;
  /** No successful action of that name with that counterparty before. Asked for only where a rule needs it. */
  isFirstTime?: boolean | undefined;
  /** ISO 8601, the database's clock. */
  now: string;
  /** What whoever asks wants beyond the policy: only ever stricter. */
  asked?: {
    tier?: Tier | undefined;
    route?: Route | undefined;
    timeoutSeconds?: number | undefined;
    onTimeout?: OnTimeout | undefined;
  };
}

/** Whether a person is asked, who, how strongly, how soon, and what silence means. */
export interface Evaluation {
  held: boolean;
  level: GateLevel;
  tier: Tier;
  /** At least one; the first says what decided. */
  reasons: Reason[];
  /** The id of the rule that decided; null where the declaration or the default map did. */
  rule: string | null;
  route: Route;
  quorum: Quorum;
  separation: Separation;
  strength: Strength;
  channels: string[];
  reversibility: Reversibility | null;
  impact: Impact | null;
  value: number | null;
  timeoutSeconds: number;
  respondSeconds: number;
  remindEverySeconds: number | null;
  /** The seconds above count in the policy's business hours only. */
  businessHours: boolean;
  onTimeout: OnTimeout;
  /** The share of what proceeds by itself that is reviewed afterwards. */
  sample: number;
  /** Whether a decision may be made a standing grant. */
  mayGrant: boolean;
  /** The escalation tier's route and time, where the policy says so: the end of the ladder. Default a manager, 30 minutes. */
  ladder?: { route: Route; timeoutSeconds: number } | undefined;
  /** The rule, the tool or whoever asks has named who decides: then time alone lets nobody else in. */
  hasOwnRoute?: boolean | undefined;
}
