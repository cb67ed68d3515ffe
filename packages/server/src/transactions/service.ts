import {
  formatPath,
  IMPACTS,
  JsonValueError,
  PRESETS,
  REVERSIBILITIES,
  toJsonObject,
  type Impact,
  type JsonObject,
  type Preset,
  type Reversibility,
} from "@holdpoint/protocol";
import { z } from "zod";
import { callable, checkOptions, ConfigError, integer, oneOf, required, text } from "../agents/options.ts";
import type { OptionRule } from "../agents/options.ts";
import type { ToolDatabase, ToolLogger } from "../agents/tool-context.ts";
import type { ParsedArguments } from "../agents/tool.ts";

/** The action of every approval of a transaction, and of every transaction that needs none: one name, one set of rules. */
export const TRANSACTION_ACTION = "amorce.transaction";

const SERVICE = Symbol.for("holdpoint.service");

/** What a service has while it is carried out. */
export interface ServiceContext {
  orgId: string;
  /** Of the agent that asked, where it is known. */
  agentId: string | null;
  transactionId: string;
  /** What the agent means to do in this step of the transaction, such as `confirm`; null where it does not say. */
  intent: string | null;
  /** One for each execution: give it to services that take one. */
  idempotencyKey: string;
  /** Fires when `timeoutSeconds` are over. */
  signal: AbortSignal;
  logger: ToolLogger;
  database: ToolDatabase;
}

/** What `defineService` takes. */
export interface DefineServiceOptions<Input extends z.ZodObject = z.ZodObject> {
  /** As agents call it: letters, digits, `_`, `-` and `.`, at most 100. */
  id: string;
  description?: string;
  /** The payload. Absent: any JSON object. `intent` and `transaction_id` need not be in it. */
  input?: Input;
  /**
   * When a person must approve first: where one of these presets of the policy matches (R104), or always. Absent: as the
   * policy says of an action of this reversibility.
   */
  approval?: "always" | readonly Preset[];
  /** What cannot be taken back, or is not declared, is held unless `approval` says otherwise. */
  reversibility?: Reversibility;
  impact?: Impact;
  /** What thresholds compare with; `high_value_transaction` needs it. Where it gives no number, the value counts as high. */
  value?: (payload: z.output<Input>) => number | undefined;
  /** What its payloads handle, such as `personal_data` or `regulated`. */
  handles?: readonly string[];
  /** How long one execution may take, in seconds: 1 to 300, default 30. What is not over by then has an unknown end. */
  timeoutSeconds?: number;
  /** Carries the payload out, once. Returns JSON; throws to say that it failed. */
  execute(payload: z.output<Input>, context: ServiceContext): unknown;
}

/** A service whose options are checked. */
export interface DefinedService {
  readonly [SERVICE]: true;
  readonly id: string;
  readonly description: string | undefined;
  readonly approval: "always" | readonly Preset[] | undefined;
  readonly reversibility: Reversibility | undefined;
  readonly impact: Impact | undefined;
  readonly handles: readonly string[] | undefined;
  readonly timeoutSeconds: number;
  /** The members that a payload may have; undefined where it may have any. */
  readonly members: readonly string[] | undefined;
  /** The payload with its defaults, or every misfit. The one parse: its value is what is compared and executed. */
  parsePayload(value: JsonObject): ParsedArguments;
  /** NaN where the service values payloads, but not this one. */
  valueOf(payload: JsonObject): number | undefined;
  execute(payload: JsonObject, context: ServiceContext): unknown;
}

const HANDLE = /^[a-z][a-z0-9_]{0,63}$/;
const RULES: Record<keyof DefineServiceOptions, OptionRule> = {
  id: required(text(100, /^[A-Za-z0-9_][A-Za-z0-9_.-]*$/, "letters, digits, _, - and .")),
  description: text(4_000),
  input: { check: (value) => (value instanceof z.ZodObject ? undefined : "must be a Zod object schema") },
  approval: {
    check(value) {
      if (value === "always") return undefined;
      if (!Array.isArray(value)) return 'must be "always" or a list of presets';
      const wrong = value.find((name) => !(PRESETS as readonly unknown[]).includes(name));
      return wrong === undefined ? undefined : oneOf(PRESETS).check(wrong);
    },
  },
  reversibility: oneOf(REVERSIBILITIES),
  impact: oneOf(IMPACTS),
  value: callable,
  handles: {
    check: (value) =>
      Array.isArray(value) &&
      value.length <= 20 &&
      value.every((name) => typeof name === "string" && HANDLE.test(name))
        ? undefined
        : 'must be a list of names like "personal_data"',
  },
  timeoutSeconds: integer(1, 300),
  execute: required(callable),
};

/** Members of a payload that say which step of which transaction it is; no arguments of the service. */
export const STEP_MEMBERS: readonly string[] = ["intent", "transaction_id"];

/**
 * Defines a service that agents carry out transactions with (`POST /api/v1/a2a/transact`). Throws `ConfigError` for options
 * that are wrong.
 *
 * @example
 * const restaurant = defineService({
 *   id: "restaurant",
 *   input: z.object({ guests: z.number().int(), eur: z.number() }),
 *   approval: ["high_value_transaction", "personal_data"],
 *   value: ({ eur }) => eur,
 *   execute: async ({ guests }, { intent, idempotencyKey }) => …,
 * });
 */
export function defineService<Input extends z.ZodObject = z.ZodObject>(
  options: DefineServiceOptions<Input>,
): DefinedService {
  const named =
    typeof options === "object" && typeof options?.id === "string" ? `Service "${options.id}"` : "A service";
  checkOptions(named, options, RULES);
  const { input, value, approval } = options;
  const valueOf = value as ((payload: JsonObject) => unknown) | undefined;
  if (Array.isArray(approval) && approval.includes("high_value_transaction") && valueOf === undefined) {
    throw new ConfigError(
      `${named}: approval "high_value_transaction" compares a value, and there is no option "value" that says what it is.`,
    );
  }
  return Object.freeze({
    [SERVICE]: true as const,
    id: options.id,
    description: options.description,
    approval: Array.isArray(approval) ? Object.freeze([...approval]) : approval,
    reversibility: options.reversibility,
    impact: options.impact,
    handles: options.handles,
    timeoutSeconds: options.timeoutSeconds ?? 30,
    members: membersOf(input),
    parsePayload: (payload: JsonObject) => parsePayload(input, payload),
    valueOf(payload: JsonObject) {
      if (valueOf === undefined) return undefined;
      const amount = valueOf(payload);
      return typeof amount === "number" ? amount : Number.NaN;
    },
    execute: (payload: JsonObject, context: ServiceContext) =>
      options.execute(payload as z.output<Input>, context),
  });
}

export function isDefinedService(value: unknown): value is DefinedService {
  return typeof value === "object" && value !== null && SERVICE in value;
}

function membersOf(input: z.ZodObject | undefined): readonly string[] | undefined {
  const isOpen = (catchall: unknown): boolean => catchall !== undefined && !(catchall instanceof z.ZodNever);
  return input === undefined || isOpen(input.def.catchall) ? undefined : Object.keys(input.shape);
}

/** What a schema does not know is refused: dropped, it would be approved and not executed. */
function parsePayload(input: z.ZodObject | undefined, payload: JsonObject): ParsedArguments {
  if (input === undefined) return { ok: true, value: payload };
  const isKnown = (name: string): boolean =>
    input.def.catchall !== undefined || Object.hasOwn(input.shape, name);
  const unknown = Object.keys(payload).filter((name) => !isKnown(name) && !STEP_MEMBERS.includes(name));
  if (unknown.length > 0) {
    const errors = unknown.map((name) => ({
      path: formatPath([name]),
      message: "is no member of this service's payload",
    }));
    return { ok: false, errors };
  }
  const parsed = input.safeParse(
    Object.fromEntries(Object.entries(payload).filter(([name]) => isKnown(name))),
  );
  if (!parsed.success) {
    const { issues } = parsed.error;
    return {
      ok: false,
      errors: issues.slice(0, 50).map(({ path, message }) => ({ path: formatPath(path), message })),
    };
  }
  try {
    return { ok: true, value: toJsonObject(parsed.data) };
  } catch (error) {
    if (!(error instanceof JsonValueError)) throw error;
    return { ok: false, errors: [{ path: error.path, message: error.reason }] };
  }
}
