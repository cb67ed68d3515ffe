import { ON_NEW_MESSAGE, type OnNewMessage } from "@holdpoint/protocol";
import type { LanguageModel } from "ai";
import {
  callable,
  checkOptions,
  ConfigError,
  flag,
  integer,
  kindOf,
  number,
  oneOf,
  required,
  text,
  type OptionRule,
} from "./options.ts";
import {
  defineConfidence,
  modelRule,
  type ConfidenceOptions,
  type DefinedConfidence,
} from "../confidence/options.ts";
import type { Script } from "./models/scripted-model.ts";
import { ASK_USER, askUserTool } from "../clarifications/ask-user.ts";
import {
  defineHooks,
  HOOK_RULES,
  type ToolHookOptions,
  type ToolHooks,
} from "../clarifications/tool-hooks.ts";
import { isDefinedTool, type DefinedTool } from "./tool.ts";

const AGENT = Symbol.for("holdpoint.agent");

/** A model object of the AI SDK, for providers that a name does not reach. */
export type ModelObject = Exclude<LanguageModel, string>;

/** What `defineAgent` takes. */
export interface AgentOptions extends ToolHookOptions {
  /** Part of addresses: lower-case letters, digits, `_` and `-`. */
  id: string;
  name: string;
  /** `"openai/gpt-5.2"`, `"anthropic/…"`, `"google/…"`, or a model object of the AI SDK. */
  model: string | ModelObject;
  instructions?: string;
  tools?: readonly DefinedTool[];
  /** Asks the model to answer in Markdown. Default false. */
  markdown?: boolean;
  /** How many turns the model may take before the run ends as "Task incomplete.". Default 10. */
  maxSteps?: number;
  maxOutputTokens?: number;
  temperature?: number;
  /** Has it estimated how sure the agent is of its final answers; unsure ones go to a person first. */
  confidence?: ConfidenceOptions;
  /** Gives the model a tool `ask_user`, by which it asks the person whom it works for. Default false. */
  mayAskUser?: boolean;
  /**
   * What becomes of a new message in a session where a run of this agent is not over. Default `"queue"`: it waits for that
   * one's end, however it ends. `"supersede"`: that one is cancelled, its holds are closed. `"reject"`: 409 `session_busy`.
   */
  onNewMessage?: OnNewMessage;
  /** Tells the model the end user's preferences, as data. Default true. */
  tellsPreferences?: boolean;
  /** Stands in for the model where no key is set. Never used when there is one. */
  script?: Script;
}

/** An agent whose options are checked. */
export interface DefinedAgent {
  readonly [AGENT]: true;
  readonly id: string;
  readonly name: string;
  readonly model: string | ModelObject;
  readonly instructions: string;
  readonly tools: readonly DefinedTool[];
  readonly markdown: boolean;
  readonly maxSteps: number;
  readonly maxOutputTokens: number | undefined;
  readonly temperature: number | undefined;
  readonly confidence: DefinedConfidence | undefined;
  readonly onNewMessage: OnNewMessage;
  readonly tellsPreferences: boolean;
  readonly hooks: ToolHooks;
  readonly script: Script | undefined;
}

const RULES: Record<keyof AgentOptions, OptionRule> = {
  id: required(
    text(100, /^[a-z][a-z0-9_-]*$/, "lower-case letters, digits, _ and -, beginning with a letter"),
  ),
  name: required(text(200)),
  model: required(modelRule),
  instructions: {
    check: (value) => (typeof value === "string" ? undefined : `must be text, not ${kindOf(value)}`),
  },
  tools: {
    check(value) {
      if (!Array.isArray(value)) return `must be a list of tools, not ${kindOf(value)}`;
      const wrong = value.findIndex((tool) => !isDefinedTool(tool));
      return wrong === -1 ? undefined : `[${wrong}] is not made by defineTool`;
    },
  },
  markdown: flag,
  maxSteps: integer(1, 1_000),
  maxOutputTokens: integer(1, 10_000_000),
  temperature: number(0, 2),
  confidence: {
    check: (value) =>
      typeof value === "object" && value !== null && !Array.isArray(value)
        ? undefined
        : `must be an object like { stake: "medium" }, not ${kindOf(value)}`,
  },
  mayAskUser: flag,
  onNewMessage: oneOf(ON_NEW_MESSAGE),
  tellsPreferences: flag,
  ...HOOK_RULES,
  script: callable,
};

/**
 * Defines an agent. Throws `ConfigError` for unknown or wrong options, for a tool that is there twice, and for the
 * reserved id `hitl`.
 */
export function defineAgent(options: AgentOptions): DefinedAgent {
  const subject = typeof options?.id === "string" ? `Agent "${options.id}"` : "An agent";
  checkOptions(subject, options, RULES);
  if (options.id === "hitl") throw new ConfigError(`${subject}: the id "hitl" is reserved.`);
  const tools = [...(options.tools ?? []), ...(options.mayAskUser === true ? [askUserTool] : [])];
  if (tools.some((tool) => tool.name === ASK_USER && tool !== askUserTool))
    throw new ConfigError(`${subject}: the tool name "${ASK_USER}" is reserved; it comes with mayAskUser.`);
  const twice = tools.find((tool, index) => tools.findIndex(({ name }) => name === tool.name) !== index);
  if (twice !== undefined) throw new ConfigError(`${subject}: it has two tools named "${twice.name}".`);
  return Object.freeze({
    [AGENT]: true as const,
    id: options.id,
    name: options.name,
    model: options.model,
    instructions: options.instructions ?? "",
    tools: Object.freeze(tools),
    markdown: options.markdown ?? false,
    maxSteps: options.maxSteps ?? 10,
    maxOutputTokens: options.maxOutputTokens,
    temperature: options.temperature,
    confidence: options.confidence === undefined ? undefined : defineConfidence(subject, options.confidence),
    onNewMessage: options.onNewMessage ?? "queue",
    tellsPreferences: options.tellsPreferences ?? true,
    hooks: defineHooks(options),
    script: options.script,
  });
}

export function isDefinedAgent(value: unknown): value is DefinedAgent {
  return typeof value === "object" && value !== null && AGENT in value;
}
