import type { JsonObject, JsonValue } from "@holdpoint/protocol";
import type { ToolContext } from "../agents/tool-context.ts";
import { kindOf, type OptionRule } from "../agents/options.ts";

/** A call as hooks see it: what was approved, and will be or was executed. */
export interface HookedCall {
  name: string;
  arguments: JsonObject;
  /** The call in one line, from its stored arguments. */
  title: string;
}

/**
 * Runs once the call may start, before its tool does. It may ask (`await context.ask.verify(…)`); throwing ends the call
 * without executing it, and the model is told the error's message.
 */
export type BeforeToolCall = (call: HookedCall, context: ToolContext) => void | Promise<void>;

/**
 * Runs on what the tool has returned. It may ask; the tool itself is not run again for that. Throwing keeps the result from
 * the model, which is told that the call was executed and what the error says.
 */
export type AfterToolCall = (
  call: HookedCall & { result: JsonValue },
  context: ToolContext,
) => void | Promise<void>;

/** Around all calls of an agent, or of all agents: those of the config before and after are the outer ones. */
export interface ToolHookOptions {
  beforeToolCall?: BeforeToolCall | readonly BeforeToolCall[];
  afterToolCall?: AfterToolCall | readonly AfterToolCall[];
}

export interface ToolHooks {
  readonly before: readonly BeforeToolCall[];
  readonly after: readonly AfterToolCall[];
}

const hooks: OptionRule = {
  check: (value) =>
    [value].flat().every((hook) => typeof hook === "function")
      ? undefined
      : `must be a function or a list of functions, not ${kindOf(value)}`,
};

export const HOOK_RULES: Record<keyof ToolHookOptions, OptionRule> = {
  beforeToolCall: hooks,
  afterToolCall: hooks,
};

export function defineHooks({ beforeToolCall = [], afterToolCall = [] }: ToolHookOptions): ToolHooks {
  return Object.freeze({
    before: Object.freeze([beforeToolCall].flat()),
    after: Object.freeze([afterToolCall].flat()),
  });
}
