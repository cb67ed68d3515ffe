import { thresholdOf, type EntityTrigger, type Triggers } from "@holdpoint/core";
import { STAKES, type Stake } from "@holdpoint/protocol";
import type { ModelObject } from "../agents/agent.ts";
import {
  callable,
  checkOptions,
  ConfigError,
  integer,
  kindOf,
  number,
  oneOf,
  required,
  text,
  type OptionRule,
} from "../agents/options.ts";

/** What an own estimate is asked about. */
export interface EstimateRequest {
  task: string;
  /** The whole answer. */
  result: string;
  agentId: string;
  runId: string;
  /** Aborted when nobody waits for the estimate any more. */
  signal: AbortSignal;
}

export type EstimateFunction = (request: EstimateRequest) => number | Promise<number>;

/** What goes to a person however sure the agent is. */
export interface TriggerOptions {
  /** A pattern, or a function that answers true or false, with the name that the reviewer reads. */
  entities?: readonly EntityTrigger[];
  /** `of` reads a number off the result; from `threshold` on a person looks (`comparator` is `gte` by default). */
  value?: { of: (result: string) => unknown; threshold: number; comparator?: "gte" | "gt" };
}

/** The option `confidence` of `defineAgent`. */
export interface ConfidenceOptions {
  /** How much depends on a result: below 0.4, 0.65 or 0.85 a person looks. Default `medium`. */
  stake?: Stake;
  /** Instead of a stake. Strictly below it a person looks. */
  threshold?: number;
  /** A fast model that estimates. Default the agent's own. */
  model?: string | ModelObject;
  /** Instead of a model. */
  estimate?: EstimateFunction;
  /** Instead of a model: so many answers are made, and the share that says what the first says is the confidence. */
  answers?: number;
  triggers?: TriggerOptions;
  /** Default: as long as escalations have. */
  timeoutSeconds?: number;
  /** What silence does. `reject` (the default) fails the run, `hold` goes on waiting. */
  onTimeout?: "reject" | "hold";
}

/** How the confidence of an answer is found. */
export type EstimateMethod =
  | { type: "model"; model: string | ModelObject | undefined }
  | { type: "function"; estimate: EstimateFunction }
  | { type: "answers"; count: number };

/** `confidence` after its check. */
export interface DefinedConfidence {
  readonly threshold: number;
  readonly method: EstimateMethod;
  readonly triggers: Triggers;
  readonly timeoutSeconds: number | undefined;
  readonly onTimeout: "reject" | "hold";
}

const anObject: OptionRule = {
  check: (value) =>
    typeof value === "object" && value !== null && !Array.isArray(value)
      ? undefined
      : `must be an object, not ${kindOf(value)}`,
};

/** A provider and a model, or a model object of the AI SDK. */
export const modelRule: OptionRule = {
  check(value) {
    if (typeof value === "object" && value !== null && "specificationVersion" in value) return undefined;
    if (typeof value !== "string") return `must be text like "openai/gpt-5.2", not ${kindOf(value)}`;
    return /^[a-z-]+\/\S+$/.test(value) ? undefined : `must be like "openai/gpt-5.2", not ${kindOf(value)}`;
  },
};

const RULES: Record<keyof ConfidenceOptions, OptionRule> = {
  stake: oneOf(STAKES),
  threshold: number(0, 1),
  model: modelRule,
  estimate: callable,
  answers: integer(2, 10),
  triggers: anObject,
  timeoutSeconds: integer(1, 31_536_000),
  onTimeout: oneOf(["reject", "hold"]),
};

const TRIGGER_RULES: Record<keyof TriggerOptions, OptionRule> = {
  entities: {
    check: (value) => (Array.isArray(value) ? undefined : `must be a list, not ${kindOf(value)}`),
  },
  value: anObject,
};

/** Throws `ConfigError` for what does not exist, does not fit, or excludes one another. */
export function defineConfidence(subject: string, options: ConfidenceOptions): DefinedConfidence {
  const where = `${subject}, confidence`;
  checkOptions(where, options, RULES);
  refuseTogether(where, options, ["stake", "threshold"]);
  refuseTogether(where, options, ["model", "estimate", "answers"]);
  return Object.freeze({
    threshold: thresholdOf(options),
    method: methodOf(options),
    triggers: defineTriggers(`${where}.triggers`, options.triggers ?? {}),
    timeoutSeconds: options.timeoutSeconds,
    onTimeout: options.onTimeout ?? "reject",
  });
}

function refuseTogether(
  where: string,
  options: ConfidenceOptions,
  names: readonly (keyof ConfidenceOptions)[],
): void {
  const given = names.filter((name) => options[name] !== undefined);
  if (given.length > 1)
    throw new ConfigError(`${where}: ${given.join(" and ")} exclude one another. Keep one of them.`);
}

function methodOf({ estimate, answers, model }: ConfidenceOptions): EstimateMethod {
  if (estimate !== undefined) return { type: "function", estimate };
  return answers === undefined ? { type: "model", model } : { type: "answers", count: answers };
}

function defineTriggers(where: string, options: TriggerOptions): Triggers {
  checkOptions(where, options, TRIGGER_RULES);
  for (const [index, entity] of (options.entities ?? []).entries())
    checkEntity(`${where}.entities[${index}]`, entity);
  const { value } = options;
  if (value !== undefined) {
    checkOptions(`${where}.value`, value, {
      of: required(callable),
      threshold: required(number(-Number.MAX_VALUE, Number.MAX_VALUE)),
      comparator: oneOf(["gte", "gt"]),
    });
  }
  return {
    entities: [...(options.entities ?? [])],
    value: value === undefined ? undefined : { ...value, comparator: value.comparator ?? "gte" },
  };
}

function checkEntity(where: string, entity: EntityTrigger): void {
  checkOptions(where, entity, { name: required(text(200)), pattern: aPattern, find: callable });
  if ("pattern" in entity === "find" in entity)
    throw new ConfigError(`${where}: give either a pattern or a function "find".`);
}

const aPattern: OptionRule = {
  check(value) {
    if (!(value instanceof RegExp)) return `must be a regular expression, not ${kindOf(value)}`;
    // A sticky pattern would only look at the very beginning, and let everything else pass.
    return value.sticky ? "must not have the flag y" : undefined;
  },
};
