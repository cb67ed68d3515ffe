import {
  formatPath,
  IMPACTS,
  JsonValueError,
  ON_TIMEOUT,
  REVERSIBILITIES,
  toJsonObject,
  toolHash,
  type Evidence,
  type Impact,
  type JsonObject,
  type OnTimeout,
  type Reversibility,
} from "@holdpoint/protocol";
import type { PolicyFacts } from "@holdpoint/core";
import { z } from "zod";
import type { DefinedAgent } from "./agent.ts";
import { defineConfirmation, type ConfirmationOption, type DefinedConfirmation } from "./confirmation.ts";
import { checkNumericArgument } from "./numeric-argument.ts";
import {
  callable,
  checkOptions,
  ConfigError,
  flag,
  integer,
  oneOf,
  required,
  text,
  type OptionRule,
} from "./options.ts";
import {
  defineChooseFrom,
  type ChooseFromOptions,
  type DefinedChooseFrom,
} from "../clarifications/choose-from.ts";
import type { CallContext, ToolContext } from "./tool-context.ts";
import { defineNeeds, type ConnectionNeedOption, type DefinedNeed } from "../connections/connection-needs.ts";
import type { ReturnedQuestion } from "../clarifications/returned-question.ts";
import { toolSchemas } from "./tool-schema.ts";

const TOOL = Symbol.for("holdpoint.tool");

/** What `defineTool` takes. */
export interface ToolOptions<Input extends z.ZodObject = z.ZodObject> {
  /** As the model calls it: letters, digits, `_` and `-`, at most 64. */
  name: string;
  /** Tells the model what the tool does and when to use it. */
  description: string;
  /** The arguments. Checked before a person is asked; no transforms, coercions or preprocessing. */
  input: Input;
  /** Checks what `execute` returns. */
  output?: z.ZodType;
  /** Decides whether the tool is held where `requiresConfirmation` is absent. */
  reversibility?: Reversibility;
  impact?: Impact;
  /** Whether a person must confirm: always, never, a role, from a threshold on, or as a function says. */
  requiresConfirmation?: ConfirmationOption<z.output<Input>>;
  /** What thresholds compare with: the name of a numeric argument, or a function. */
  value?: string | ((args: z.output<Input>) => number);
  /** What its calls handle, such as `personal_data` or `regulated`: rules of the policy ask about it. */
  handles?: readonly string[];
  /**
   * With whom or what a call deals: the name of a text argument, or a function. `firstTime` of the policy is: no call of
   * this tool with that counterparty has succeeded before.
   */
  counterparty?: string | ((args: z.output<Input>) => string | undefined);
  /** How long a person has. Default by the tier, 300. */
  timeoutSeconds?: number;
  /** What silence means. Default `reject`. */
  onTimeout?: OnTimeout;
  /** The other name of `onTimeout: "reject"` (R253). */
  timeoutAction?: "DENY";
  /** May be started again with the same idempotency key after a crash. Default false: then a person is asked. */
  idempotent?: boolean;
  /** Changing it voids approvals of the earlier version that were not executed yet. */
  version?: string;
  /** One line for the reviewer. Default a sentence from name and arguments. */
  title?: (args: z.output<Input>) => string;
  /** What this call would do, in words of the tool's author. */
  describe?: (args: z.output<Input>) => string;
  /** Shown to the reviewer beside the arguments, for example the rows that would be deleted. */
  evidence?: (args: z.output<Input>, context: CallContext) => Evidence[] | Promise<Evidence[]>;
  /**
   * Accounts of the end user that every call needs. Asked for before the call does anything, in one prompt a provider together
   * with what the turn's other calls need. What only some calls need is asked for by `context.connection`.
   */
  connections?: readonly ConnectionNeedOption[];
  /**
   * Whether this call can begin: `true`, or the question that has to be answered first (`ask`, `choose`). Asked before each
   * start. While the question is open it is asked again now and then (after 10 s to 5 min); `true` then takes it away.
   */
  ready?: (
    args: z.output<Input>,
    context: CallContext,
  ) => true | ReturnedQuestion | Promise<true | ReturnedQuestion>;
  /** The result is a list, of which the end user picks one when there are too many. */
  chooseFrom?: ChooseFromOptions;
  /** Runs the call. Returns JSON, or a question to a person (`ask`, `choose`); throws to tell the model that it failed. */
  execute(args: z.output<Input>, context: ToolContext): unknown;
}

export interface Misfit {
  path: string;
  message: string;
}

export type ParsedArguments = { ok: true; value: JsonObject } | { ok: false; errors: Misfit[] };

/** A tool whose options are checked and whose schemas are made. What the service works with. */
export interface DefinedTool {
  readonly [TOOL]: true;
  readonly name: string;
  readonly description: string;
  readonly inputSchema: JsonObject;
  readonly argumentsSchema: JsonObject;
  readonly toolHash: string;
  readonly reversibility: Reversibility | undefined;
  readonly impact: Impact | undefined;
  readonly confirmation: DefinedConfirmation;
  readonly handles: readonly string[] | undefined;
  readonly timeoutSeconds: number | undefined;
  readonly onTimeout: OnTimeout | undefined;
  readonly isIdempotent: boolean;
  /** The arguments with their defaults, or every misfit. The one parse: its value is stored, shown and executed. */
  parseArguments(value: unknown): ParsedArguments;
  valueOf(args: JsonObject): number | undefined;
  /** Undefined where the tool does not say, or this call has none. */
  counterpartyOf(args: JsonObject): string | undefined;
  titleOf(args: JsonObject): string | undefined;
  describe(args: JsonObject): string | undefined;
  evidence: ((args: JsonObject, context: CallContext) => Evidence[] | Promise<Evidence[]>) | undefined;
  /** One a provider. */
  readonly connections: readonly DefinedNeed[];
  ready: ((args: JsonObject, context: CallContext) => unknown) | undefined;
  readonly chooseFrom: DefinedChooseFrom | undefined;
  /** Checks and returns a result; throws `ZodError` where the tool declared an output that does not fit. */
  checkResult(result: unknown): unknown;
  execute(args: JsonObject, context: ToolContext): unknown;
  /** The agent that a call of it runs, where `agentTool` made it. */
  readonly agent?: DefinedAgent;
  /** What an agent that was made over the API asks for beyond tool and policy: only ever stricter. */
  readonly asked?: NonNullable<PolicyFacts["asked"]>;
}

const zodSchema: OptionRule = {
  check: (value) => (value instanceof z.ZodType ? undefined : "must be a Zod schema"),
};
const anything: OptionRule = { check: () => undefined };

const RULES: Record<keyof ToolOptions, OptionRule> = {
  name: required(text(64, /^[A-Za-z_][A-Za-z0-9_-]*$/, "letters, digits, _ and -, beginning with a letter")),
  description: required(text(4_000)),
  input: required(zodSchema),
  output: zodSchema,
  reversibility: oneOf(REVERSIBILITIES),
  impact: oneOf(IMPACTS),
  requiresConfirmation: anything, // checked by defineConfirmation
  value: {
    check: (value) =>
      ["string", "function"].includes(typeof value) ? undefined : "must be an argument's name or a function",
  },
  handles: {
    check: (value) =>
      Array.isArray(value) &&
      value.length <= 20 &&
      value.every((name) => typeof name === "string" && /^[a-z][a-z0-9_]{0,63}$/.test(name))
        ? undefined
        : 'must be a list of names like "personal_data"',
  },
  counterparty: {
    check: (value) =>
      ["string", "function"].includes(typeof value) ? undefined : "must be an argument's name or a function",
  },
  timeoutSeconds: integer(1, 31_536_000),
  onTimeout: oneOf(ON_TIMEOUT),
  timeoutAction: oneOf(["DENY"]),
  idempotent: flag,
  version: text(200),
  title: callable,
  describe: callable,
  evidence: callable,
  connections: {
    check: (value) => (Array.isArray(value) ? undefined : "must be a list of {provider, scopes, purpose?}"),
  },
  ready: callable,
  chooseFrom: anything, // checked by defineChooseFrom
  execute: required(callable),
};

/**
 * Defines a tool that agents may call.
 *
 * Afterwards its options are known to be right: unknown names, unusable schemas and contradictions throw
 * `ConfigError` with the tool's name.
 *
 * @example
 * const deleteRecords = defineTool({
 *   name: "delete_records",
 *   description: "Delete records from a table.",
 *   input: z.object({ table_name: z.string(), count: z.number().int().positive() }),
 *   reversibility: "irreversible",
 *   requiresConfirmation: true,
 *   execute: async ({ table_name, count }, { database }) => …,
 * });
 */
export function defineTool<Input extends z.ZodObject>(options: ToolOptions<Input>): DefinedTool {
  const named =
    typeof options === "object" && typeof options?.name === "string" ? `Tool "${options.name}"` : "A tool";
  checkOptions(named, options, RULES);
  const { name, reversibility, value, counterparty } = options;
  if (name === "hitl") throw new ConfigError(`${named}: the name "hitl" is reserved.`);
  const schemas = toolSchemas(name, options.input);
  if (options.timeoutAction !== undefined && (options.onTimeout ?? "reject") !== "reject") {
    throw new ConfigError(
      `${named}: timeoutAction "DENY" and onTimeout "${options.onTimeout}" say different things. Leave one of them out.`,
    );
  }
  const onTimeout = options.onTimeout ?? (options.timeoutAction === undefined ? undefined : "reject");
  checkOnTimeout(named, onTimeout, reversibility);
  if (typeof value === "string") checkNumericArgument(named, "value", value, schemas.inputSchema);
  if (typeof counterparty === "string" && !Object.hasOwn(options.input.shape, counterparty)) {
    throw new ConfigError(
      `${named}: option "counterparty" names "${counterparty}", which is no argument. Arguments: ${Object.keys(options.input.shape).join(", ") || "none"}.`,
    );
  }
  return Object.freeze({
    [TOOL]: true as const,
    name,
    description: options.description,
    ...schemas,
    toolHash: toolHash({ name, inputSchema: schemas.inputSchema, reversibility, version: options.version }),
    reversibility,
    impact: options.impact,
    confirmation: defineConfirmation(
      named,
      options.requiresConfirmation as ConfirmationOption<JsonObject> | undefined,
      {
        hasValue: value !== undefined,
        inputSchema: schemas.inputSchema,
      },
    ),
    handles: options.handles,
    timeoutSeconds: options.timeoutSeconds,
    onTimeout,
    isIdempotent: options.idempotent === true,
    parseArguments: (given: unknown) => parseArguments(options.input, given),
    valueOf: (args: JsonObject) => valueOf(value as ToolOptions["value"], args),
    counterpartyOf: (args: JsonObject) => counterpartyOf(counterparty as ToolOptions["counterparty"], args),
    titleOf: (args: JsonObject) => options.title?.(args as z.output<Input>),
    describe: (args: JsonObject) => options.describe?.(args as z.output<Input>),
    evidence: options.evidence as DefinedTool["evidence"],
    connections: defineNeeds(named, options.connections ?? []),
    ready: options.ready as DefinedTool["ready"],
    chooseFrom: options.chooseFrom === undefined ? undefined : defineChooseFrom(named, options.chooseFrom),
    checkResult: (result: unknown) => (options.output === undefined ? result : options.output.parse(result)),
    execute: (args: JsonObject, context: ToolContext) => options.execute(args as z.output<Input>, context),
  });
}

export function isDefinedTool(value: unknown): value is DefinedTool {
  return typeof value === "object" && value !== null && TOOL in value;
}

function parseArguments(input: z.ZodObject, given: unknown): ParsedArguments {
  try {
    const args = toJsonObject(given);
    const unknown = unknownMembers(input, args);
    if (unknown.length > 0) return { ok: false, errors: unknown };
    const parsed = input.safeParse(args);
    if (parsed.success) return { ok: true, value: toJsonObject(parsed.data) };
    return {
      ok: false,
      errors: parsed.error.issues
        .slice(0, 50)
        .map(({ path, message }) => ({ path: formatPath(path), message })),
    };
  } catch (error) {
    if (!(error instanceof JsonValueError)) throw error;
    return { ok: false, errors: [{ path: error.path, message: error.reason }] };
  }
}

/** Zod drops what it does not know; a person must see it, so it is refused instead. Loose objects keep it anyway. */
function unknownMembers(input: z.ZodObject, args: JsonObject): Misfit[] {
  if (input.def.catchall !== undefined) return [];
  return Object.keys(args)
    .filter((name) => !Object.hasOwn(input.shape, name))
    .map((name) => ({ path: formatPath([name]), message: "is not an argument of this tool" }));
}

function valueOf(value: ToolOptions["value"], args: JsonObject): number | undefined {
  const amount: unknown =
    typeof value === "function" ? value(args) : value === undefined ? undefined : args[value];
  return typeof amount === "number" && Number.isFinite(amount) ? amount : undefined;
}

/** The counterparty as text: numbers and the like by their JSON, in one spelling. */
function counterpartyOf(counterparty: ToolOptions["counterparty"], args: JsonObject): string | undefined {
  const named: unknown =
    typeof counterparty === "function"
      ? counterparty(args)
      : counterparty === undefined
        ? undefined
        : args[counterparty];
  if (named === undefined || named === null || named === "") return undefined;
  return (typeof named === "string" ? named : JSON.stringify(named)).slice(0, 500);
}

/** Silence may release only what can be taken back (I6). */
function checkOnTimeout(
  subject: string,
  onTimeout: OnTimeout | undefined,
  reversibility: Reversibility | undefined,
): void {
  if (onTimeout === "approve" && reversibility !== "reversible") {
    throw new ConfigError(`${subject}: onTimeout "approve" needs reversibility "reversible".`);
  }
}
