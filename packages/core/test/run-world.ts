import { isTerminalHold, isTerminalRun, type EventType, type JsonValue } from "@holdpoint/protocol";
import {
  transitionHold,
  transitionRun,
  transitionToolCall,
  addSeconds,
  type HoldCommandInput,
  type HoldState,
  type RunInput,
  type RunState,
  type ToolCallInput,
  type ToolCallState,
} from "../src/index.ts";
import { anySchema, CREATED_AT, sampleAction, sampleHold, sampleHoldOf, SYSTEM } from "./sample-hold.ts";

/** What a call of the model needs: nobody, a person before it starts, or a person while it runs. */
export const CALL_NEEDS = ["nobody", "approval", "answer"] as const;
export interface PlannedCall {
  needs: (typeof CALL_NEEDS)[number];
  isIdempotent: boolean;
}

export interface WorldCall {
  state: ToolCallState;
  runId: string;
  plan: PlannedCall;
  /** What it asked itself, or what is asked about its lost execution. */
  asked: string[];
  starts: {
    attempt: number;
    hash: string;
    because: "claim" | "answered" | "idempotent" | "resumed";
    approvedBy: HoldState | null;
  }[];
}

export interface WorldRun {
  state: RunState;
  turns: readonly (readonly PlannedCall[])[];
  turn: number;
  /** Of the turn that is going on. */
  calls: string[];
  /** What the model was told, turn by turn: a status for each call. */
  told: { calls: string[]; statuses: string[] }[];
}

/**
 * Runs, calls and holds in memory, moved by nothing but the pure state machines, as a store and its workers would. One world is
 * one database: a crash loses what is in flight and nothing else.
 */
export class RunWorld {
  now = CREATED_AT;
  readonly runs = new Map<string, WorldRun>();
  readonly calls = new Map<string, WorldCall>();
  readonly holds = new Map<string, HoldState>();
  readonly log: { event: EventType; subject: string }[] = [];
  #count = 0;

  newRun(turns: WorldRun["turns"]): void {
    const id = this.#id("run");
    const state: RunState = { id, status: "queued", pauseRequested: false, openHolds: 0, version: 1 };
    this.runs.set(id, { state, turns, turn: -1, calls: [], told: [] });
  }

  pass(seconds: number): void {
    this.now = addSeconds(this.now, seconds);
  }

  /** Null: it was refused, and nothing has changed. */
  control(runId: string, input: RunInput): RunState | null {
    const run = this.#run(runId);
    const result = transitionRun(run.state, input);
    if ("code" in result) return null;
    run.state = result.next;
    for (const effect of result.effects) {
      if (effect.type === "record") this.log.push({ event: effect.event, subject: runId });
      if (effect.type === "closeHolds") this.#closeHolds(runId);
      if (effect.type === "cancelToolCalls")
        for (const call of this.callsOf(runId)) this.#move(call, { type: "cancel" });
    }
    return run.state;
  }

  kill(runId: string): void {
    if (this.control(runId, { type: "cancel" }) === null) return;
    this.crash(runId);
  }

  /** The process that had the run is gone. */
  crash(runId: string): void {
    for (const call of this.callsOf(runId))
      if (call.state.status === "executing") this.#move(call, { type: "lose" });
  }

  command(holdId: string, command: HoldCommandInput): boolean {
    const hold = this.holds.get(holdId);
    if (hold === undefined) return false;
    const result = transitionHold(hold, command, this.now, anySchema);
    if ("code" in result) return false;
    this.holds.set(holdId, result.next);
    for (const effect of result.effects) {
      if (effect.type === "record") this.log.push({ event: effect.event, subject: holdId });
      if (effect.type === "moveToolCall") {
        const call = this.calls.get(effect.toolCallId);
        if (call !== undefined) this.#settleCall(call, holdId, effect.command, effect.actionHash);
      }
    }
    if (hold.runId !== null) this.#countHolds(hold.runId);
    return true;
  }

  /** What a tool in flight says when it ends, also when its run was cancelled meanwhile. */
  report(callId: string, hasSucceeded: boolean): void {
    const call = this.calls.get(callId);
    if (call?.state.status === "executing") this.#move(call, { type: hasSucceeded ? "succeed" : "fail" });
  }

  /** One move of a worker. */
  step(runId: string): void {
    const run = this.#run(runId);
    const { state } = run;
    if (isTerminalRun(state.status) || state.status === "paused") return;
    if (state.status === "queued") return void this.control(runId, { type: "start" });
    const calls = run.calls.map((id) => this.#call(id));
    const inFlight = calls.filter((call) => call.state.status === "executing");
    if (inFlight.length > 0) return this.#work(inFlight);
    if (state.pauseRequested) return void this.control(runId, { type: "pause", isStepInFlight: false });
    if (this.#settleUnknown(calls)) return;
    this.#countHolds(runId);
    if (run.state.openHolds > 0) {
      if (run.state.status === "running")
        this.control(runId, { type: "hold", openHolds: run.state.openHolds });
      return;
    }
    if (run.state.status === "holding") return void this.control(runId, { type: "release" });
    const next = calls.find((call) => ["proposed", "suspended", "approved"].includes(call.state.status));
    if (next !== undefined) return this.#begin(next);
    this.#turn(run, calls);
  }

  callsOf(runId: string): WorldCall[] {
    return [...this.calls.values()].filter((call) => call.runId === runId);
  }

  #turn(run: WorldRun, calls: readonly WorldCall[]): void {
    if (calls.length > 0)
      run.told.push({ calls: run.calls, statuses: calls.map((call) => call.state.status) });
    run.turn += 1;
    run.calls = [];
    const plans = run.turns[run.turn];
    if (plans === undefined)
      return void this.control(run.state.id, { type: "complete", endReason: "end_turn" });
    for (const plan of plans) run.calls.push(this.#propose(run.state.id, plan));
  }

  #propose(runId: string, plan: PlannedCall): string {
    const id = this.#id("call");
    const action = sampleAction({ call: id });
    const state: ToolCallState = {
      id,
      status: "proposed",
      actionHash: action.hash,
      approvedHash: null,
      holdId: null,
      attempt: 0,
      isIdempotent: plan.isIdempotent,
    };
    const call: WorldCall = { state, runId, plan, asked: [], starts: [] };
    this.calls.set(id, call);
    if (plan.needs === "approval") {
      const holdId = this.#open(
        sampleHold({
          id: this.#id("hold"),
          runId,
          toolCallId: id,
          action,
          createdAt: this.now,
          expiresAt: addSeconds(this.now, 300),
        }),
      );
      this.#move(call, { type: "gate", holdId, actionHash: action.hash });
    }
    return id;
  }

  /** Whatever starts now, starts by what is stored now (I1). */
  #begin(call: WorldCall): void {
    const { state, plan } = call;
    if (state.status === "suspended")
      return this.#start(call, { type: "resume", openHoldIds: this.#openOf(call) }, "resumed");
    const actionHash = (state.status === "approved" ? state.approvedHash : state.actionHash) ?? "";
    this.#start(call, { type: "start", actionHash, isAutomatic: plan.needs !== "approval" }, "claim");
  }

  #start(call: WorldCall, input: ToolCallInput, because: WorldCall["starts"][number]["because"]): void {
    if (!this.#move(call, input)) return;
    const approvedBy = call.state.holdId === null ? null : (this.holds.get(call.state.holdId) ?? null);
    const hash = call.state.approvedHash ?? call.state.actionHash;
    call.starts.push({ attempt: call.state.attempt, hash, because, approvedBy });
  }

  #work([call]: readonly WorldCall[]): void {
    if (call === undefined) return;
    if (call.plan.needs !== "answer" || call.asked.length > 0)
      return void this.#move(call, { type: "succeed" });
    const holdId = this.#open(
      sampleHoldOf("clarification", {
        id: this.#id("hold"),
        runId: call.runId,
        toolCallId: call.state.id,
        createdAt: this.now,
        expiresAt: addSeconds(this.now, 300),
      }),
    );
    call.asked.push(holdId);
    this.#move(call, { type: "suspend", holdIds: [holdId] });
  }

  /** Whether there was one. */
  #settleUnknown(calls: readonly WorldCall[]): boolean {
    const call = calls.find(({ state }) => state.status === "unknown");
    if (call === undefined) return false;
    const asked = this.holds.get(call.asked.at(-1) ?? "");
    if (call.state.isIdempotent) this.#start(call, { type: "retry", because: "idempotent" }, "idempotent");
    else if (asked?.isUnknownExecution !== true) this.#askWhatHappened(call);
    else if (asked.status === "pending") return false;
    else {
      const found = (asked.outcome?.answer as { executed?: JsonValue } | null)?.executed;
      if (found === "retry") this.#start(call, { type: "retry", because: "answered" }, "answered");
      else this.#move(call, { type: found === "succeeded" ? "succeed" : "fail" });
      call.asked.push("settled");
    }
    return true;
  }

  #askWhatHappened(call: WorldCall): void {
    const asked = sampleHoldOf("escalation", {
      id: this.#id("hold"),
      runId: call.runId,
      toolCallId: call.state.id,
      isUnknownExecution: true,
      onTimeout: "hold",
      createdAt: this.now,
      expiresAt: null,
    });
    call.asked.push(this.#open(asked));
  }

  #settleCall(call: WorldCall, holdId: string, command: string, actionHash: string | null): void {
    if (command === "approve") this.#move(call, { type: "approve", holdId, actionHash: actionHash ?? "" });
    else if (command === "cancel") this.#move(call, { type: "cancel" });
    else this.#move(call, { type: command as "reject" | "skip" | "expire", holdId });
  }

  #move(call: WorldCall, input: ToolCallInput): boolean {
    const result = transitionToolCall(call.state, input);
    if ("code" in result) return false;
    call.state = result.next;
    for (const effect of result.effects)
      if (effect.type === "record") this.log.push({ event: effect.event, subject: call.state.id });
    return true;
  }

  #open(hold: HoldState): string {
    this.holds.set(hold.id, hold);
    this.log.push({ event: "hold.created", subject: hold.id });
    return hold.id;
  }

  #closeHolds(runId: string): void {
    for (const hold of this.holds.values()) {
      if (hold.runId !== runId || isTerminalHold(hold.status)) continue;
      // Whose time is over has ended by that.
      if (!this.command(hold.id, { type: "cancel", by: SYSTEM })) this.command(hold.id, { type: "timeout" });
    }
  }

  #openOf(call: WorldCall): string[] {
    return call.asked.filter((id) => this.holds.get(id)?.status === "pending");
  }

  #countHolds(runId: string): void {
    const open = [...this.holds.values()].filter((hold) => hold.runId === runId && hold.status === "pending");
    const run = this.#run(runId);
    if (!isTerminalRun(run.state.status)) run.state = { ...run.state, openHolds: open.length };
  }

  #run(id: string): WorldRun {
    const run = this.runs.get(id);
    if (run === undefined) throw new TypeError(`There is no ${id}.`);
    return run;
  }

  #call(id: string): WorldCall {
    const call = this.calls.get(id);
    if (call === undefined) throw new TypeError(`There is no ${id}.`);
    return call;
  }

  #id(prefix: string): string {
    this.#count += 1;
    return `${prefix}_${this.#count}`;
  }
}
