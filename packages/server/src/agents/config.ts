import {
  JsonValueError,
  toJsonObject,
  type JsonObject,
  type PolicyFinding,
  type PolicyInput,
} from "@holdpoint/protocol";
import { checkDocument } from "../policies/check-document.ts";
import { PolicyError } from "./policy-error.ts";
import { isDefinedProvider, type DefinedProvider } from "../connections/provider.ts";
import { toolsOfPolicy } from "../policies/tools-of-policy.ts";
import {
  defineHooks,
  HOOK_RULES,
  type ToolHookOptions,
  type ToolHooks,
} from "../clarifications/tool-hooks.ts";
import { DEFAULT_REQUEST_LIMITS, type RequestLimits } from "../identity/request-budgets.ts";
import { isDefinedService, type DefinedService } from "../transactions/service.ts";
import { isDefinedAgent, type DefinedAgent } from "./agent.ts";
import type { Prices } from "./price.ts";
import {
  callable,
  checkOptions,
  ConfigError,
  integer,
  kindOf,
  number,
  required,
  text,
  type OptionRule,
} from "./options.ts";

const CONFIG = Symbol.for("holdpoint.config");

/** The service's own database with the rights of its owner: for tables of an example or an app, at start. */
export interface SetupDatabase {
  query<Row extends object = Record<string, unknown>>(text: string, values?: unknown[]): Promise<Row[]>;
}

/** Where an app may keep files of its own, and its tables. */
export interface SetupContext {
  database: SetupDatabase;
  /** Tells the operator something at start. */
  log: (message: string) => void;
}

/** What `defineConfig` takes. */
export interface ConfigOptions extends ToolHookOptions {
  agents: readonly DefinedAgent[];
  /** Runs at each start, before anything is served, in one transaction as the owner. Must not mind running again. */
  setup?: (context: SetupContext) => Promise<void>;
  demo?: {
    /** `holdpoint demo reset`: puts the example's data back as it was. */
    reset(context: SetupContext): Promise<void>;
  };
  limits?: {
    /** Shared by all instances on one database. Absent: no limit. */
    modelCallsPerMinute?: number;
    /** Requests of one key, or of one signed-in member, over all instances on one database. Default 60,000. */
    requestsPerMinute?: number;
    /** Requests of one end user, over all instances. Default 600. */
    endUserRequestsPerMinute?: number;
  };
  retention?: {
    /** Sessions that were not used for so many days are deleted with everything personal in them. Absent: kept for ever. */
    sessionsDays?: number;
  };
  /**
   * Who must be asked about what, as data. At start it becomes a new version of the policy when it is another than the one
   * taken over last; what people change later over the API stays until the file changes again.
   */
  policy?: PolicyInput;
  /** Where end users can sign in, so that tools may work with their accounts: `defineProvider(...)`, `google(...)` and others. */
  providers?: readonly DefinedProvider[];
  /**
   * What models cost, by their names as runs show them (`openai/gpt-5.2`), per million tokens: then runs show what they have
   * cost. Absent for a model: unknown.
   */
  prices?: Prices;
  /** What agents carry out transactions with (`POST /api/v1/a2a/transact`): `defineService(...)`. */
  services?: readonly DefinedService[];
  organisation?: {
    /** Default "Default organisation". */
    name?: string;
  };
}

/** A config whose options are checked. */
export interface DefinedConfig {
  readonly [CONFIG]: true;
  readonly agents: readonly DefinedAgent[];
  readonly setup: ConfigOptions["setup"];
  readonly demo: ConfigOptions["demo"];
  readonly providers: readonly DefinedProvider[];
  readonly services: readonly DefinedService[];
  readonly modelCallsPerMinute: number | undefined;
  readonly requestLimits: RequestLimits;
  readonly prices: Prices;
  readonly sessionsDays: number | undefined;
  readonly organisationName: string | undefined;
  /** Around the calls of all agents. */
  readonly hooks: ToolHooks;
  /** As the file has it; undefined where it has none. */
  readonly policy: JsonObject | undefined;
  /** What is doubtful about it, and stops nothing. */
  readonly policyWarnings: readonly PolicyFinding[];
}

const LIMIT_RULES = {
  modelCallsPerMinute: integer(1, 1_000_000),
  requestsPerMinute: integer(1, 1_000_000_000),
  endUserRequestsPerMinute: integer(1, 1_000_000_000),
};
const PRICE_RULES = {
  currency: required(text(3, /^[A-Z]{3}$/, "a currency like USD")),
  inputPerMillion: required(number(0, 1_000_000)),
  outputPerMillion: required(number(0, 1_000_000)),
};
const RETENTION_RULES = { sessionsDays: integer(1, 36_500) };
const ORGANISATION_RULES = { name: text(200) };
const DEMO_RULES = { reset: required(callable) };
const anObject: OptionRule = {
  check: (value) =>
    typeof value === "object" && value !== null ? undefined : `must be an object, not ${kindOf(value)}`,
};
const RULES: Record<keyof ConfigOptions, OptionRule> = {
  agents: required({
    check(value) {
      if (!Array.isArray(value)) return `must be a list of agents, not ${kindOf(value)}`;
      const wrong = value.findIndex((agent) => !isDefinedAgent(agent));
      return wrong === -1 ? undefined : `[${wrong}] is not made by defineAgent`;
    },
  }),
  providers: {
    check(value) {
      if (!Array.isArray(value)) return `must be a list of providers, not ${kindOf(value)}`;
      const wrong = value.findIndex((provider) => !isDefinedProvider(provider));
      return wrong === -1
        ? undefined
        : `[${wrong}] is not made by defineProvider, google, github, slack or microsoft`;
    },
  },
  services: {
    check(value) {
      if (!Array.isArray(value)) return `must be a list of services, not ${kindOf(value)}`;
      const wrong = value.findIndex((service) => !isDefinedService(service));
      return wrong === -1 ? undefined : `[${wrong}] is not made by defineService`;
    },
  },
  setup: callable,
  demo: anObject,
  limits: anObject,
  retention: anObject,
  policy: anObject,
  prices: anObject,
  organisation: anObject,
  ...HOOK_RULES,
};

/**
 * Defines what a service runs. Throws `ConfigError` for unknown or wrong options, for two agents of one id, and for a
 * policy with mistakes: each with its place and what to do.
 */
export function defineConfig(options: ConfigOptions): DefinedConfig {
  checkOptions("The config", options, RULES);
  if (options.limits !== undefined) checkOptions("The config, limits", options.limits, LIMIT_RULES);
  if (options.retention !== undefined)
    checkOptions("The config, retention", options.retention, RETENTION_RULES);
  if (options.organisation !== undefined)
    checkOptions("The config, organisation", options.organisation, ORGANISATION_RULES);
  if (options.demo !== undefined) checkOptions("The config, demo", options.demo, DEMO_RULES);
  const { agents } = options;
  const twice = agents.find((agent, index) => agents.findIndex(({ id }) => id === agent.id) !== index);
  if (twice !== undefined) throw new ConfigError(`The config: two agents have the id "${twice.id}".`);
  const { providers = [], services = [] } = options;
  const sameService = services.find(
    ({ id }, index) => services.findIndex((other) => other.id === id) !== index,
  );
  if (sameService !== undefined)
    throw new ConfigError(
      `The config: two services have the id "${sameService.id}". Give one of them another id.`,
    );
  const same = providers.find(({ id }, index) => providers.findIndex((other) => other.id === id) !== index);
  if (same !== undefined)
    throw new ConfigError(`The config: two providers have the id "${same.id}". Give one of them another id.`);
  return Object.freeze({
    [CONFIG]: true as const,
    ...definePolicy(options.policy, agents, services),
    agents: Object.freeze([...agents]),
    providers: Object.freeze([...providers]),
    services: Object.freeze([...services]),
    setup: options.setup,
    demo: options.demo,
    modelCallsPerMinute: options.limits?.modelCallsPerMinute,
    requestLimits: {
      perMinute: options.limits?.requestsPerMinute ?? DEFAULT_REQUEST_LIMITS.perMinute,
      endUserPerMinute: options.limits?.endUserRequestsPerMinute ?? DEFAULT_REQUEST_LIMITS.endUserPerMinute,
    },
    prices: definePrices(options.prices),
    sessionsDays: options.retention?.sessionsDays,
    organisationName: options.organisation?.name,
    hooks: defineHooks(options),
  });
}

function definePrices(prices: Prices = {}): Prices {
  for (const [model, price] of Object.entries(prices))
    checkOptions(`The config, prices["${model}"]`, price, PRICE_RULES);
  return Object.freeze(structuredClone(prices));
}

/** A policy with a mistake would hold nothing where it should, or everything: the service does not start on it (defect 4). */
function definePolicy(
  policy: PolicyInput | undefined,
  agents: readonly DefinedAgent[],
  services: readonly DefinedService[],
): Pick<DefinedConfig, "policy" | "policyWarnings"> {
  if (policy === undefined) return { policy: undefined, policyWarnings: [] };
  let document: JsonObject;
  try {
    document = toJsonObject(JSON.parse(JSON.stringify(policy)));
  } catch (error) {
    if (!(error instanceof JsonValueError || error instanceof TypeError)) throw error;
    throw new ConfigError(`The config, policy: it must be data that JSON can carry: ${error.message}`, error);
  }
  const { findings } = checkDocument(document, {
    tools: toolsOfPolicy(
      agents.flatMap(({ tools }) => tools),
      services,
    ),
    agents: agents.map(({ id }) => id),
    isStrict: false,
  });
  const errors = findings.filter(({ severity }) => severity === "error");
  if (errors.length > 0) throw new PolicyError(errors);
  return { policy: document, policyWarnings: findings };
}

/** The config that a file's default export is. `source` is the file's path, for messages. Throws `ConfigError`. */
export function parseConfig(value: unknown, source: string): DefinedConfig {
  if (typeof value === "object" && value !== null && CONFIG in value) return value as DefinedConfig;
  if (value === undefined) {
    throw new ConfigError(
      `${source} has no default export. It should end with: export default defineConfig({ agents: [...] });`,
    );
  }
  try {
    return defineConfig(value as ConfigOptions);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    throw new ConfigError(`${source}: ${error.message}`, error);
  }
}
