import {
  ConfigError,
  flag,
  kindOf,
  oneOf,
  required,
  text,
  checkOptions,
  type OptionRule,
} from "../agents/options.ts";
import type { ProviderFetch } from "../outbound/provider-fetch.ts";
import type { ScopeRules } from "./scopes.ts";

const PROVIDER = Symbol.for("holdpoint.provider");

/** A value of the config, or the name of the environment variable that has it when the service starts. */
export type Configured = string | { env: string };

/** What `defineProvider` takes. */
export interface ProviderOptions {
  /** In paths and in `context.connection(id, ...)`: lower-case letters, digits, `-` and `_`. */
  id: string;
  /** Its name for people. */
  label: string;
  /** The issuer, whose metadata say the endpoints (RFC 8414, OpenID Connect Discovery). */
  issuer?: string;
  /**
   * Where the browser is sent. With both endpoints no metadata are read; an `issuer` beside them is compared with `iss` of
   * the answer.
   */
  authorizationEndpoint?: string;
  /** Where codes and refresh tokens are exchanged. */
  tokenEndpoint?: string;
  /** RFC 7009; where there is none, a connection ends here only. */
  revocationEndpoint?: string;
  /** Says whose account it is, for people to see. */
  userinfoEndpoint?: string;
  /** As the provider has registered this service. */
  clientId: Configured;
  /** Absent only with `clientAuthentication: "none"`. */
  clientSecret?: Configured;
  /** Asked for with every sign-in, besides what tools need. */
  scopes?: readonly string[];
  /**
   * Further parameters of the authorization request. Default `{access_type: "offline", prompt: "consent"}`, without which many
   * providers give no refresh token; given, they take its place.
   */
  parameters?: Readonly<Record<string, string>>;
  /** How the service proves to the provider who it is. Default `basic`. */
  clientAuthentication?: "basic" | "post" | "none";
  /** Which of the two callback paths is registered there. Default `/v1/oauth/{provider}/callback`. */
  callbackPath?: "/v1/oauth/{provider}/callback" | "/api/v0/oauth/{provider}/";
  /** It lives in the organisation's own network: private addresses are reached. Default false. */
  isPrivateNetwork?: boolean;
}

/** Where a provider differs from the standards. Only the ready entries have any. */
export interface ProviderDialect {
  scopes?: ScopeRules;
  /** The authorization request's parameter and separator. Default `scope`, space. */
  scopeParameter?: "scope" | "user_scope";
  scopeSeparator?: " " | ",";
  /** An answer of the token endpoint as RFC 6749 has it: the status it should have had, and the body. */
  readAnswer?: (body: Record<string, unknown>) => { status?: number; body: Record<string, unknown> };
  /** Ends a grant where RFC 7009 is not offered. */
  revoke?: (with_: {
    fetch: ProviderFetch;
    accessToken: string;
    clientId: string;
    clientSecret: string;
  }) => Promise<boolean>;
  /** Whose account it is, where there is no userinfo endpoint. */
  findAccount?: (with_: { fetch: ProviderFetch; accessToken: string }) => Promise<string | null>;
  /** Its ID tokens name other issuers than it has itself, and are not looked at. */
  ignoresIdToken?: boolean;
}

/** A provider whose options are checked. Its client secret is read when the service starts. */
export interface DefinedProvider {
  readonly [PROVIDER]: true;
  readonly id: string;
  readonly label: string;
  readonly options: Readonly<ProviderOptions>;
  readonly dialect: Readonly<ProviderDialect>;
}

const endpoint: OptionRule = {
  check(value) {
    if (typeof value !== "string" || !URL.canParse(value)) return `must be a URL, not ${kindOf(value)}`;
    const url = new URL(value);
    if (url.username !== "" || url.password !== "" || url.hash !== "")
      return `must be a URL without user, password and fragment, not ${kindOf(value)}`;
    if (url.protocol === "https:" || (url.protocol === "http:" && isLoopbackName(url.hostname)))
      return undefined;
    return `must be https (http only on this machine), not ${kindOf(value)}`;
  },
};
const configured: OptionRule = {
  check(value) {
    if (typeof value === "string" && value !== "") return undefined;
    const name: unknown =
      typeof value === "object" && value !== null && "env" in value ? value.env : undefined;
    if (typeof name === "string" && /^\w+$/.test(name)) return undefined;
    return `must be text or {env: "NAME_OF_A_VARIABLE"}, not ${kindOf(value)}`;
  },
};
const scopeList: OptionRule = {
  check(value) {
    if (!Array.isArray(value)) return `must be a list of scopes, not ${kindOf(value)}`;
    // RFC 6749 3.3
    const wrong = value.findIndex(
      (scope) => typeof scope !== "string" || !/^[\x21\x23-\x5b\x5d-\x7e]+$/.test(scope),
    );
    return wrong === -1 ? undefined : `[${wrong}] is not a scope: ${kindOf(value[wrong])}`;
  },
};
/** What the flow itself says: a config that said otherwise would break its protection. */
const OWN_PARAMETERS = [
  "client_id",
  "redirect_uri",
  "response_type",
  "response_mode",
  "state",
  "nonce",
  "scope",
  "user_scope",
  "code_challenge",
  "code_challenge_method",
  "request",
  "request_uri",
];
const parameterMap: OptionRule = {
  check(value) {
    if (typeof value !== "object" || value === null || Array.isArray(value))
      return `must be an object of texts, not ${kindOf(value)}`;
    for (const [name, one] of Object.entries(value)) {
      if (OWN_PARAMETERS.includes(name)) return `has "${name}", which the service sets by itself`;
      if (typeof one !== "string") return `has "${name}", which must be text, not ${kindOf(one)}`;
    }
    return undefined;
  },
};

const RULES: Record<keyof ProviderOptions, OptionRule> = {
  id: required(
    text(50, /^[a-z][a-z0-9_-]*$/, "lower-case letters, digits, - and _, beginning with a letter"),
  ),
  label: required(text(200)),
  issuer: endpoint,
  authorizationEndpoint: endpoint,
  tokenEndpoint: endpoint,
  revocationEndpoint: endpoint,
  userinfoEndpoint: endpoint,
  clientId: required(configured),
  clientSecret: configured,
  scopes: scopeList,
  parameters: parameterMap,
  clientAuthentication: oneOf(["basic", "post", "none"]),
  callbackPath: oneOf(["/v1/oauth/{provider}/callback", "/api/v0/oauth/{provider}/"]),
  isPrivateNetwork: flag,
};

/**
 * Defines an OAuth 2.1 / OpenID Connect provider at which end users can sign in. Throws `ConfigError` for unknown or wrong
 * options, each with what to write instead.
 */
export function defineProvider(options: ProviderOptions): DefinedProvider {
  return makeProvider(options, {});
}

export function makeProvider(options: ProviderOptions, dialect: ProviderDialect): DefinedProvider {
  const subject = typeof options?.id === "string" ? `Provider "${options.id}"` : "A provider";
  checkOptions(subject, options, RULES);
  const { authorizationEndpoint, tokenEndpoint, issuer, clientAuthentication, clientSecret } = options;
  if ((authorizationEndpoint === undefined) !== (tokenEndpoint === undefined)) {
    const [has, lacks] =
      authorizationEndpoint === undefined
        ? ["tokenEndpoint", "authorizationEndpoint"]
        : ["authorizationEndpoint", "tokenEndpoint"];
    throw new ConfigError(
      `${subject}: it has ${has} and no ${lacks}. Give both, or an issuer whose metadata say them.`,
    );
  }
  if (issuer === undefined && authorizationEndpoint === undefined)
    throw new ConfigError(`${subject}: give an issuer, or authorizationEndpoint and tokenEndpoint.`);
  if (clientSecret === undefined && clientAuthentication !== "none")
    throw new ConfigError(
      `${subject}: option "clientSecret" is missing. (A public client has clientAuthentication: "none".)`,
    );
  if (clientSecret !== undefined && clientAuthentication === "none")
    throw new ConfigError(
      `${subject}: clientAuthentication "none" uses no clientSecret. Leave one of them out.`,
    );
  const provider = { [PROVIDER]: true as const, id: options.id, label: options.label, dialect };
  // Not enumerable: whatever prints a config does not print its secrets.
  Object.defineProperty(provider, "options", { value: Object.freeze({ ...options }), enumerable: false });
  return Object.freeze(provider) as unknown as DefinedProvider;
}

export function isDefinedProvider(value: unknown): value is DefinedProvider {
  return typeof value === "object" && value !== null && PROVIDER in value;
}

export function isLoopbackName(hostname: string): boolean {
  return hostname === "localhost" || hostname === "[::1]" || /^127(\.\d{1,3}){3}$/.test(hostname);
}

/** What the service works with. */
export interface ClientCredentials {
  clientId: string;
  /** Empty for a public client. */
  clientSecret: string;
}

/** Reads what the config leaves to the environment. Throws `ConfigError` that names what is not set. */
export function readCredentials(
  { id, options }: DefinedProvider,
  environment: Readonly<Record<string, string | undefined>>,
): ClientCredentials {
  const read = (option: "clientId" | "clientSecret"): string => {
    const value = options[option];
    if (value === undefined || typeof value === "string") return value ?? "";
    const found = environment[value.env];
    if (found === undefined || found === "")
      throw new ConfigError(
        `Provider "${id}": its ${option} comes from the environment variable ${value.env}, which is not set.`,
      );
    return found;
  };
  return { clientId: read("clientId"), clientSecret: read("clientSecret") };
}
