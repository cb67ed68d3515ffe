import type { Hold, JsonObject } from "@holdpoint/protocol";
import type { ExecutionReport, NewHold } from "../holds.ts";
import { errorOf, type NotRun } from "./not-executed.ts";

type ActionFacts = Omit<NonNullable<NewHold["action"]>, "name" | "arguments" | "value">;

/** What a gate tells of its action, and how it behaves. Functions are called with the arguments of the call. */
export interface GateOptions<Args>
  extends
    ActionFacts,
    Omit<
      NewHold,
      | "kind"
      | "action"
      | "summary"
      | "question"
      | "provider"
      | "scopes"
      | "purpose"
      | "task"
      | "result"
      | "confidence"
      | "threshold"
      | "stake"
      | "reason"
    > {
  /** What thresholds compare with. */
  value?: number | ((args: Args) => number) | undefined;
  /** One plain sentence for whoever decides. */
  summary?: string | ((args: Args) => string) | undefined;
  /** Throw `RejectedError`, `ApprovalTimeoutError` or `NotExecutedError` in place of answering `{ran: false}`. */
  throws?: boolean | undefined;
  /** Told once a person is asked. */
  onWaiting?: ((hold: Hold) => void) | undefined;
}

/** What is particular to one call; anything of {@link GateOptions} but `throws` may be said anew. */
export interface GatedCallOptions<Args> extends Omit<GateOptions<Args>, "throws"> {
  /**
   * Names the call for good: made again with the same key and arguments, by whatever process, it is the same call. It is
   * asked about once and executed once, and its recorded result is given again. Default: every call is a new one.
   */
  idempotencyKey?: string | undefined;
  /**
   * Ends the waiting with its reason. The question is then withdrawn, unless the call has an idempotency key to come back
   * with. Handed on to the function.
   */
  signal?: AbortSignal | undefined;
}

/** What the function is told beside its arguments. */
export interface GateContext {
  /** Null where no person was asked. */
  hold: Hold | null;
  /** The same in each attempt at this call: for whatever the function calls. */
  idempotencyKey: string;
  signal: AbortSignal;
}

export interface Ran<Result> {
  ran: true;
  outcome: "approved" | "modified" | "auto_proceeded";
  result: Result;
  /** What was executed, which a reviewer may have changed. Null where an earlier call has executed it. */
  arguments: JsonObject | null;
  hold: Hold | null;
  /** True: an earlier call with this idempotency key has executed it, and this is the result that was recorded then. */
  isRepeated: boolean;
  /** False: it ran, and the service could not be told so. Its hold will say `unknown` until somebody looks. */
  isReported: boolean;
}

/** How a gated call ended. */
export type GateOutcome<Result> = Ran<Result> | NotRun;

/** A function behind a gate. */
export interface Gated<Args, Result> {
  (args: Args, options?: GatedCallOptions<Args>): Promise<GateOutcome<Result>>;
}

/** A function behind a gate that throws what it did not execute. */
export interface ThrowingGated<Args, Result> {
  (args: Args, options?: GatedCallOptions<Args>): Promise<Result>;
}

/** What a gate asks of whoever keeps it. */
export interface GateRequest {
  action: ActionFacts & { name: string; arguments: JsonObject; value?: number };
  /** The rest of the hold. */
  about: Omit<NewHold, "action">;
  idempotencyKey: string;
  /** True: the caller may come back with the key. */
  isNamed: boolean;
  signal: AbortSignal;
  onWaiting: ((hold: Hold) => void) | undefined;
}

/** The right to execute exactly these arguments, once, now. */
export interface Released {
  outcome: Ran<unknown>["outcome"];
  arguments: JsonObject;
  hold: Hold | null;
  /** Tells how it ended; false where that could not be told. Never rejects. */
  report: (report: ExecutionReport) => Promise<boolean>;
}

/** It was executed before, for the same idempotency key. */
export interface ExecutedBefore {
  outcome: "approved" | "modified";
  result: unknown;
  hold: Hold | null;
}

/** Decides what passes a gate: the service, or somebody at this machine. */
export interface GateKeeper {
  /** Throws where it cannot know (I10) and the reason of the request's signal; then nothing runs. */
  release(request: GateRequest): Promise<Released | ExecutedBefore | NotRun>;
}

/** Puts functions behind a gate; see `Holdpoint.gate`. */
export interface Gate {
  <Args extends object, Result>(
    name: string,
    execute: (args: Args, context: GateContext) => Result,
    options: GateOptions<Args> & { throws: true },
  ): ThrowingGated<Args, Awaited<Result>>;
  <Args extends object, Result>(
    name: string,
    execute: (args: Args, context: GateContext) => Result,
    options?: GateOptions<Args> & { throws?: false },
  ): Gated<Args, Awaited<Result>>;
}

/** A gate over a keeper of your own. */
export function createGate(keeper: GateKeeper): Gate {
  const gate = <Args extends object>(
    name: string,
    execute: Execute,
    { throws, ...options }: GateOptions<Args> = {},
  ) => {
    return async (args: Args, call: GatedCallOptions<Args> = {}): Promise<unknown> => {
      const request = requestOf(name, args, { ...options, ...call });
      const outcome = await pass(keeper, request, execute);
      if (throws !== true) return outcome;
      if (!outcome.ran) throw errorOf(outcome);
      return outcome.result;
    };
  };
  // What is answered depends on `throws`, which only the overloads can say.
  return gate as Gate;
}

/** The function behind a gate, whatever its arguments are. */
type Execute = (args: never, context: GateContext) => unknown;

function requestOf<Args extends object>(
  name: string,
  args: Args,
  {
    reversibility,
    impact,
    value,
    confidence,
    summary,
    onWaiting,
    idempotencyKey,
    signal,
    ...about
  }: GatedCallOptions<Args>,
): GateRequest {
  const facts = {
    reversibility,
    impact,
    confidence,
    value: typeof value === "function" ? value(args) : value,
  };
  return {
    // Copied: what is asked about does not change while it waits.
    action: JSON.parse(JSON.stringify({ ...facts, name, arguments: args }, asItIs)) as GateRequest["action"],
    about: { ...about, summary: typeof summary === "function" ? summary(args) : summary },
    idempotencyKey: idempotencyKey ?? globalThis.crypto.randomUUID(),
    isNamed: idempotencyKey !== undefined,
    signal: signal ?? new AbortController().signal,
    onWaiting,
  };
}

/** Refuses what JSON would make something else of, unseen by whoever decides: a `Map` becomes `{}`, `Infinity` null. */
function asItIs(this: Readonly<Record<string, unknown>>, key: string, json: unknown): unknown {
  const value = this[key];
  const kind = {}.toString.call(value);
  const isInfinite = value === 1 / 0 || value === -1 / 0;
  // `toJSON` gives another value, and NaN is none that equals itself.
  if (value !== json || isInfinite || !/t (Obj|Array]|Str|Nu|Boo|Und)/.test(kind))
    throw new TypeError(`JSON cannot carry ${key}: ${kind}`);
  return json;
}

async function pass(
  keeper: GateKeeper,
  request: GateRequest,
  execute: Execute,
): Promise<GateOutcome<unknown>> {
  const released = await keeper.release(request);
  if ("ran" in released) return released;
  if (!("report" in released)) {
    return {
      ...released,
      ran: true,
      arguments: null,
      isRepeated: true,
      isReported: true,
    };
  }
  const { report, ...right } = released;
  const { idempotencyKey, signal } = request;
  let result: unknown;
  try {
    // I1: what was released, never what was proposed. A copy, so that what is told afterwards is what it was given.
    result = await execute(structuredClone(right.arguments) as never, {
      hold: right.hold,
      idempotencyKey,
      signal,
    });
  } catch (error) {
    await report({
      status: "failed",
      error: { message: error instanceof Error ? error.message : String(error) },
    });
    throw error;
  }
  const isReported = await report({ status: "succeeded", ...recordable(result) });
  return { ...right, ran: true, result, isRepeated: false, isReported };
}

/** What JSON can carry of a result. */
function recordable(result: unknown): { result?: never } {
  try {
    return JSON.parse(JSON.stringify({ result })) as object;
  } catch {
    return {};
  }
}
