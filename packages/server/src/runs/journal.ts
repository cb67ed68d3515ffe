import {
  createId,
  FULFILMENT_LEGALITY,
  RUN_LEGALITY,
  TOOL_CALL_LEGALITY,
  type Edge,
  type EventType,
  type JsonObject,
  type JsonValue,
  type RunStatus,
  type ToolCallStatus,
} from "@holdpoint/protocol";
import type { Database } from "../database/database.ts";
import { IncreasingIds } from "./increasing-id.ts";
import type { NewHoldRow } from "../holds/new-hold.ts";
import type { HoldRow } from "../holds/hold-row.ts";
import type { GrantRow } from "../policies/grants/grant-row.ts";
import type { CallRow, RunRow, StepRow, Usage } from "./run-row.ts";

/**
 * The journal of one leased run: every commit of it, and nothing else.
 *
 * Owns: the lease's epoch. Does not own: any state of the run; that is read anew after whatever may have changed it.
 *
 *  J1. Each commit is one function call in one transaction, fenced by the epoch.
 *  J2. A commit that is repeated after a lost connection takes effect once (commit ids, claim ids).
 *  J3. When the lease is lost, LeaseLostError ends the work on the run; what was not committed never happened.
 */
export interface Lease {
  orgId: string;
  runId: string;
  epoch: number;
}

/** Another worker has the run, or it has ended. Not an error to report: whoever has it goes on. */
export class LeaseLostError extends Error {
  override name = "LeaseLostError";

  constructor(lease: Lease) {
    super(`The lease ${lease.epoch} of ${lease.runId} is lost.`);
  }
}

/** Something that the commit took for granted has changed meanwhile: load again. */
export class JournalConflictError extends Error {
  override name: string = "JournalConflictError";
}

/** The policy that was asked is in force no more: ask the one that is. What was remembered of it is forgotten already. */
export class PolicyOutdatedError extends JournalConflictError {
  override name = "PolicyOutdatedError";
}

/** Where tests stop a worker, as a crash would: before and after each commit. Absent in production. */
export interface FaultPoints {
  hit(point: string, runId: string): void | Promise<void>;
}

export interface LoadedRun {
  now: string;
  run: RunRow;
  /** Messages of earlier runs of the session. */
  history: JsonObject[];
  messages: JsonObject[];
  step: StepRow | null;
  /** Of the current step, in call order. */
  calls: CallRow[];
  /** Of the current step's calls: approvals, and escalations about lost executions. And the one about its answer. */
  holds: HoldRow[];
  /** How many answers of this run a person has sent back before the current step. */
  sendBacks: number;
}

export interface NewEvent {
  type: EventType;
  data: JsonObject;
  toolCallId?: string | undefined;
  holdId?: string | null | undefined;
  actionName?: string | undefined;
  actionHash?: string | null | undefined;
  actorKind?: "member" | "agent" | "system";
  actorId?: string | undefined;
  actorName?: string | null | undefined;
}

export interface NewCall {
  id: string;
  position: number;
  providerCallId: string;
  name: string;
  arguments: JsonValue;
  status: "proposed" | "gated" | "failed";
  holdId?: string | undefined;
  actionHash?: string | undefined;
  toolHash?: string | undefined;
  error?: JsonObject | undefined;
}

export interface CallChange {
  id: string;
  from: ToolCallStatus;
  status: ToolCallStatus;
  result?: JsonValue;
  error?: JsonObject | undefined;
  holdId?: string;
  actionHash?: string;
  toolHash?: string;
}

export interface HoldChange {
  id: string;
  from: HoldRow["fulfilment"];
  fulfilment: HoldRow["fulfilment"];
  execution?: JsonObject;
}

export interface NewRunHold {
  row: NewHoldRow;
  timeoutSeconds: number | null;
  respondSeconds: number | null;
  /** What the policy's version that runs beside would have done. */
  shadow?: JsonObject | null;
}

export interface Commit {
  run?: {
    /** Given together; the commit is refused when the run is in another state by then. */
    from?: RunStatus;
    status?: RunStatus;
    output?: string;
    error?: JsonObject;
    endReason?: string;
    step?: number;
    modelAttempts?: number;
    usage?: Usage;
    model?: string;
    /** Of the current step's answer, which keeps it too. */
    confidence?: number;
    /** With `confidence`: the hold of this commit that asks a person about the answer. */
    resultHoldId?: string | undefined;
  };
  step?: {
    id: string;
    position: number;
    model: string;
    status: StepRow["status"];
    text?: string;
    finishReason?: string;
    usage?: Usage;
    error?: JsonObject;
  };
  messages?: { role: "user" | "assistant" | "tool"; message: JsonObject }[];
  calls?: NewCall[];
  callChanges?: CallChange[];
  holds?: NewRunHold[];
  holdChanges?: HoldChange[];
  events?: NewEvent[];
  /** Of the policy that held or let through what is in it. */
  policyRevision?: number | undefined;
  /** Gives the lease back. Ending a run does so by itself. */
  release?: boolean;
  /** Due again that much later. */
  advanceSeconds?: number;
}

export interface StartCall {
  callId: string;
  actionHash: string;
  isAutomatic: boolean;
  because?: "answered" | "idempotent" | undefined;
  reasons: JsonValue;
  /** Of the policy that was asked about it, for the database to compare. */
  policyRevision?: number | undefined;
  /** What else of the policy's word is recorded. */
  ruling?: JsonObject | undefined;
}

export type StartedCall =
  | { code: "ok"; arguments: JsonObject; attempt: number; grant: GrantRow | null }
  | { code: "not_approved" | "action_changed" | "entitlement_lost" | "grant_spent" };

export interface FinishCall {
  callId: string;
  attempt: number;
  /** `unknown`: broken off because the run was cancelled over it. Taken for nothing where it was not. */
  status: "succeeded" | "failed" | "unknown";
  result?: JsonValue;
  error?: JsonObject;
  /** With whom the call dealt, as its tool says: after a success they are known. */
  counterparty?: string | undefined;
}

/** How long the right to execute counts, once redeemed; the service starts the tool in the same moment. */
const CLAIM_LIFETIME_SECONDS = 300;

export interface JournalDeps {
  database: Database;
  /** Called when the database has refused what was evaluated under an earlier policy: read it again. */
  outdated(orgId: string, revision: number): Promise<void>;
  /** Called after every commit that others may wait for. */
  published(lease: Lease, holdIds: readonly string[]): void;
  faults?: FaultPoints | undefined;
}

export class Journal {
  readonly lease: Lease;
  readonly #deps: JournalDeps;

  constructor(deps: JournalDeps, lease: Lease) {
    this.#deps = deps;
    this.lease = lease;
  }

  async load(): Promise<LoadedRun> {
    const answer = (await this.#deps.database.callIdempotent("load_run_v1", this.lease)) as LoadedRun & {
      code: string;
    };
    this.#checkLease(answer.code);
    return answer;
  }

  /** `label` names the commit for fault points. */
  async commit(label: string, commit: Commit): Promise<void> {
    checkLegality(commit);
    const { first, last } = orderEvents(commit.events ?? []);
    const ids = new IncreasingIds();
    const nextId = (): string => ids.next("evt");
    const command = {
      ...this.lease,
      commitId: createId("evt"),
      ...commit,
      messages: commit.messages?.map((message) => ({ id: createId("msg"), ...message })),
      // The ids say in which order the log tells it: what happened, what is asked, where that leaves the run.
      events: first.map((event) => ({ id: nextId(), ...event })),
      pauseEventId: undefined as string | undefined,
      holds: commit.holds?.map((hold) => ({ eventId: nextId(), ...hold })),
    };
    command.events.push(...last.map((event) => ({ id: nextId(), ...event })));
    if (commit.release === true) command.pauseEventId = nextId();
    const answer = await this.#guarded(label, "commit_run_v1", command);
    if (answer.code === "policy_outdated") await this.#forgetPolicy(commit.policyRevision, label);
    if (answer.code === "conflict")
      throw new JournalConflictError(`${this.lease.runId} changed before ${label}.`);
    this.#deps.published(this.lease, [
      ...(commit.holds ?? []).map(({ row }) => row.id),
      ...(commit.holdChanges ?? []).map(({ id }) => id),
    ]);
  }

  /** Redeems the claim of this attempt. Only what it answers may be executed (I1). */
  async startCall(start: StartCall, holdId: string | null): Promise<StartedCall> {
    const { ruling, ...command } = start;
    const answer = (await this.#guarded("start", "start_call_v1", {
      ...ruling,
      ...this.lease,
      ...command,
      claimId: createId("clm"),
      eventId: createId("evt"),
      lifetimeSeconds: CLAIM_LIFETIME_SECONDS,
    })) as { code: string; arguments: JsonObject; attempt: number; grant?: GrantRow | null };
    if (answer.code === "policy_outdated") await this.#forgetPolicy(start.policyRevision, "start");
    const { code } = answer;
    if (
      code === "not_approved" ||
      code === "action_changed" ||
      code === "entitlement_lost" ||
      code === "grant_spent"
    ) {
      return { code };
    }
    this.#deps.published(this.lease, holdId === null ? [] : [holdId]);
    return { code: "ok", arguments: answer.arguments, attempt: answer.attempt, grant: answer.grant ?? null };
  }

  async #forgetPolicy(revision: number | undefined, label: string): Promise<never> {
    await this.#deps.outdated(this.lease.orgId, revision ?? 0);
    throw new PolicyOutdatedError(`The policy changed before ${label} of ${this.lease.runId}.`);
  }

  async finishCall(finish: FinishCall, holdId: string | null): Promise<void> {
    await this.#guarded("finish", "finish_call_v1", {
      orgId: this.lease.orgId,
      runId: this.lease.runId,
      ...finish,
      eventId: createId("evt"),
    });
    this.#deps.published(this.lease, holdId === null ? [] : [holdId]);
  }

  /** Withdraws holds that are still open, before the run ends. Load again afterwards. */
  async closeHolds(count: number, reason: string): Promise<void> {
    const { orgId, runId } = this.lease;
    const eventIds = Array.from({ length: count }, () => createId("evt"));
    const closed = (await this.#deps.database.call(
      "close_holds_v1",
      orgId,
      runId,
      reason,
      eventIds,
    )) as string[];
    this.#deps.published(this.lease, closed);
  }

  /** The text of the turn so far. False when the lease is lost. */
  async writeText(step: number, text: string): Promise<boolean> {
    const { orgId, runId, epoch } = this.lease;
    const isOurs =
      (await this.#deps.database.call("write_text_v1", orgId, runId, epoch, step, text)) === true;
    if (isOurs) this.#deps.published(this.lease, []);
    return isOurs;
  }

  /** A place between two commits where tests may stop. */
  async reach(point: string): Promise<void> {
    await this.#deps.faults?.hit(point, this.lease.runId);
  }

  async #guarded(label: string, name: `${string}_v${number}`, command: object): Promise<{ code: string }> {
    await this.reach(`before:${label}`);
    const answer = (await this.#deps.database.callIdempotent(name, command)) as { code: string };
    this.#checkLease(answer.code);
    await this.reach(`after:${label}`);
    return answer;
  }

  #checkLease(code: string): void {
    if (code === "lost") throw new LeaseLostError(this.lease);
  }
}

/** No transition is written that the legality tables do not know; what the guard in the database checks is `from`. */
function checkLegality({ run, callChanges = [], holdChanges = [] }: Commit): void {
  if (run?.status !== undefined) requireEdge(RUN_LEGALITY, run.from, run.status, "run");
  for (const { from, status, id } of callChanges) {
    if (from !== status) requireEdge(TOOL_CALL_LEGALITY, from, status, id);
  }
  for (const { from, fulfilment, id } of holdChanges) requireEdge(FULFILMENT_LEGALITY, from, fulfilment, id);
}

function requireEdge<Status extends string>(
  table: Record<string, Edge<Status>>,
  from: Status | undefined,
  to: Status,
  subject: string,
): void {
  const isLegal = Object.values(table).some(
    (edge) => from !== undefined && edge.to === to && edge.from.includes(from),
  );
  if (!isLegal) throw new TypeError(`No command leads from ${from ?? "nowhere"} to ${to} (${subject}).`);
}

const STATE_EVENTS: ReadonlySet<EventType> = new Set(["run.holding", "run.completed", "run.failed"]);

function orderEvents(events: readonly NewEvent[]): { first: NewEvent[]; last: NewEvent[] } {
  return {
    first: events.filter(({ type }) => !STATE_EVENTS.has(type)),
    last: events.filter(({ type }) => STATE_EVENTS.has(type)),
  };
}
