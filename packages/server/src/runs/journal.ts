import { createId, type JsonObject, type JsonValue } from "@holdpoint/protocol";
import type { ToolEndUser } from "../agents/tool-context.ts";
import type { Database } from "../database/database.ts";
import type { HoldRow } from "../holds/hold-row.ts";
import type { GrantRow } from "../policies/grants/grant-row.ts";
import {
  checkLegality,
  orderEvents,
  type Commit,
  type EarlierAttempts,
  type FinishCall,
  type KeptValue,
  type StartCall,
  type StartedCall,
} from "./commit.ts";
import { IncreasingIds } from "./increasing-id.ts";
import type { LoadedRun } from "./loaded-run.ts";
import { renderHistory, type EarlierRun } from "./session-history.ts";

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

/** An operator has said something that the model has not heard: the run does not end over it. */
export class NotesUnheardError extends JournalConflictError {
  override name = "NotesUnheardError";
}

/** What is open already is another hold than the commit takes for granted: look at this one, and suspend again. */
export class ShareChangedError extends JournalConflictError {
  override name = "ShareChangedError";
  readonly provider: string;
  readonly open: OpenHold | null;

  constructor(provider: string, open: OpenHold | null) {
    super(`Another sign-in at ${provider} is open: ${open?.id ?? "none"}.`);
    this.provider = provider;
    this.open = open;
  }
}

export interface OpenHold {
  id: string;
  question: JsonObject;
}

/** Where tests stop a worker, as a crash would: before and after each commit. Absent in production. */
export interface FaultPoints {
  hit(point: string, runId: string): void | Promise<void>;
}

/** How long the right to execute counts, once redeemed; the service starts the tool in the same moment. */
const CLAIM_LIFETIME_SECONDS = 300;

/** What has changed, for those who wait for it. */
export interface Published {
  holdIds: readonly string[];
  endUserId: string | null;
  /** The runs above: what happens here shows there. */
  ancestors: readonly string[];
  /** Another run has become due. */
  isAnotherDue: boolean;
  /** The run goes on: it has not ended, and nobody is asked. */
  isMidway: boolean;
}

/** What `load_run_v1` answers. */
type RunAnswer = Omit<LoadedRun, "history"> & {
  code: string;
  sharedHolds: HoldRow[];
  history: EarlierRun[];
  endUser: ToolEndUser | null;
  callers: string[] | null;
};

export interface JournalDeps {
  database: Database;
  /** Called when the database has refused what was evaluated under an earlier policy: read it again. */
  outdated(orgId: string, revision: number): Promise<void>;
  /** Called after every commit that others may wait for. */
  published(lease: Lease, about: Published): void;
  faults?: FaultPoints | undefined;
}

export class Journal {
  readonly lease: Lease;
  readonly #deps: JournalDeps;
  /** Whom the run works for; never changes. */
  #endUserId: string | null = null;
  #ancestors: readonly string[] = [];
  /** What the last commit has left, if nothing was done since. */
  #left: RunAnswer | undefined;

  constructor(deps: JournalDeps, lease: Lease) {
    this.#deps = deps;
    this.lease = lease;
  }

  /** The run as it is: read with the last commit, when that was the last thing done, or now. */
  async load(): Promise<LoadedRun> {
    const answer =
      this.#left ?? ((await this.#deps.database.callIdempotent("load_run_v1", this.lease)) as RunAnswer);
    this.#left = undefined;
    this.#checkLease(answer.code);
    const { sharedHolds, endUser, callers, history, ...rest } = answer;
    const loaded = { ...rest, run: { ...rest.run, endUser, callers }, history: renderHistory(history) };
    this.#endUserId = loaded.run.end_user_id;
    this.#ancestors = loaded.run.ancestors ?? [];
    return sharedHolds.length === 0 ? loaded : { ...loaded, holds: [...loaded.holds, ...sharedHolds] };
  }

  /**
   * `label` names the commit for fault points. With `mayLoad` the next `load` is read with it, in the same round trip: for
   * commits after which the model is asked. What comes in between is then seen after the model has answered; before a tool is
   * started the run is always read anew.
   */
  async commit(
    label: string,
    commit: Commit,
    { mayLoad = false }: { mayLoad?: boolean } = {},
  ): Promise<void> {
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
      shares: commit.shares?.map((share) => ({ eventId: nextId(), ...share })),
    };
    command.events.push(...last.map((event) => ({ id: nextId(), ...event })));
    if (commit.release === true) command.pauseEventId = nextId();
    const goesOn = commit.release !== true && (commit.run?.status ?? "running") === "running";
    const answer = mayLoad
      ? await this.#commitAndLoad(label, command)
      : await this.#guarded(label, "commit_run_v1", command);
    if (answer.code === "policy_outdated") await this.#forgetPolicy(commit.policyRevision, label);
    if (answer.code === "share_changed") {
      const { provider, open } = answer as unknown as { provider: string; open: OpenHold | null };
      throw new ShareChangedError(provider, open);
    }
    if (answer.code === "notes_unheard")
      throw new NotesUnheardError(`${this.lease.runId} was told something before ${label}.`);
    if (answer.code === "conflict")
      throw new JournalConflictError(`${this.lease.runId} changed before ${label}.`);
    const { parentRunId, isParentWoken } = answer as Partial<{ parentRunId: string; isParentWoken: boolean }>;
    if (isParentWoken === false)
      await this.#deps.database.callIdempotent("wake_run_v1", this.lease.orgId, parentRunId);
    this.publish(
      [
        ...(commit.holds ?? []).map(({ row }) => row.id),
        ...(commit.holdChanges ?? []).map(({ id }) => id),
        ...(commit.shares ?? []).flatMap(({ expected }) => (expected === null ? [] : [expected])),
      ],
      {
        isAnotherDue: commit.child !== undefined || parentRunId !== undefined,
        isMidway: goesOn && (commit.holds ?? []).length === 0,
      },
    );
  }

  async #commitAndLoad(label: string, command: object): Promise<{ code: string }> {
    const answered: { code: string; committed?: { code: string }; loaded?: RunAnswer } = await this.#guarded(
      label,
      "commit_and_load_run_v1",
      command,
    );
    if (answered.committed === undefined) return answered;
    this.#left = answered.loaded;
    return answered.committed;
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
    })) as {
      code: string;
      arguments: JsonObject;
      attempt: number;
      grant?: GrantRow | null;
      earlier?: EarlierAttempts | null;
    };
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
    this.publish(holdId === null ? [] : [holdId], { isMidway: true });
    return {
      code: "ok",
      arguments: answer.arguments,
      attempt: answer.attempt,
      grant: answer.grant ?? null,
      earlier: answer.earlier ?? { asks: [], once: {} },
    };
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
    this.publish(holdId === null ? [] : [holdId], { isMidway: true });
  }

  /** Keeps what must not be done twice. Resolves to what is kept: the first value counts. */
  async keepOnce(kept: KeptValue): Promise<JsonValue> {
    const { orgId, runId } = this.lease;
    const answer = (await this.#guarded("once", "keep_once_v1", { orgId, runId, ...kept })) as unknown as {
      value: JsonValue;
    };
    return answer.value;
  }

  /** Withdraws holds that are still open, before the run ends. Load again afterwards. */
  async closeHolds(count: number, reason: string): Promise<void> {
    const { orgId, runId } = this.lease;
    const eventIds = Array.from({ length: count }, () => createId("evt"));
    this.#left = undefined;
    const closed = (await this.#deps.database.call(
      "close_holds_v1",
      orgId,
      runId,
      reason,
      eventIds,
    )) as string[];
    this.publish(closed);
  }

  /** The text of the turn so far. False when the lease is lost. */
  async writeText(step: number, text: string): Promise<boolean> {
    const { orgId, runId, epoch } = this.lease;
    const isOurs =
      (await this.#deps.database.call("write_text_v1", orgId, runId, epoch, step, text)) === true;
    if (isOurs) this.publish([], { isMidway: true });
    return isOurs;
  }

  /** Wakes whoever waits for the run, or for these holds of it. */
  publish(
    holdIds: readonly string[],
    { isAnotherDue = false, isMidway = false }: { isAnotherDue?: boolean; isMidway?: boolean } = {},
  ): void {
    const [endUserId, ancestors] = [this.#endUserId, this.#ancestors];
    this.#deps.published(this.lease, { holdIds, endUserId, ancestors, isAnotherDue, isMidway });
  }

  /** A place between two commits where tests may stop. */
  async reach(point: string): Promise<void> {
    await this.#deps.faults?.hit(point, this.lease.runId);
  }

  async #guarded(label: string, name: `${string}_v${number}`, command: object): Promise<{ code: string }> {
    this.#left = undefined;
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
