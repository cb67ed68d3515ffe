import { nearestName, type AuthorizationQuestion } from "@holdpoint/protocol";
import { ProblemError } from "../problem.ts";
import { OAuthClient } from "./oauth-client.ts";
import type { DefinedProvider } from "./provider.ts";
import { coversScopes, unionOfScopes } from "./scopes.ts";

export interface ProvidersOptions {
  providers: readonly DefinedProvider[];
  environment: Readonly<Record<string, string | undefined>>;
  publicUrl: string;
}

/** The providers of the config, by their ids. */
export class Providers {
  readonly #defined: ReadonlyMap<string, DefinedProvider>;
  readonly #clients: ReadonlyMap<string, OAuthClient>;

  /** Throws ConfigError when the environment lacks what a provider takes from it. */
  constructor({ providers, environment, publicUrl }: ProvidersOptions) {
    this.#defined = new Map(providers.map((provider) => [provider.id, provider]));
    this.#clients = new Map(
      providers.map((provider) => [provider.id, new OAuthClient(provider, environment, publicUrl)]),
    );
  }

  get ids(): string[] {
    return [...this.#defined.keys()];
  }

  /** Undefined for one that the config does not have, or has no more. */
  find(id: string): OAuthClient | undefined {
    return this.#clients.get(id);
  }

  /** Throws `invalid_request` with the nearest that there is. */
  get(id: string): OAuthClient {
    const client = this.#clients.get(id);
    if (client !== undefined) return client;
    const nearest = nearestName(id, this.ids);
    const hint =
      this.ids.length === 0
        ? "The config file defines none: see providers in docs/reference/providers.md."
        : nearest === undefined
          ? `There are ${this.ids.join(", ")}.`
          : `Did you mean "${nearest}"?`;
    throw new ProblemError("invalid_request", `There is no provider "${id.slice(0, 100)}" here. ${hint}`, {
      errors: [{ path: "provider", message: "is not one of the config's providers" }],
    });
  }

  covers(id: string, granted: readonly string[], wanted: readonly string[]): boolean {
    return coversScopes(this.#defined.get(id)?.dialect.scopes ?? {}, granted, wanted);
  }

  /** Without what the provider is asked for at every sign-in anyway (`openid`, say): a first question does not name it either. */
  askedByTools(id: string, granted: readonly string[]): string[] {
    const always = this.#defined.get(id)?.options.scopes ?? [];
    return granted.filter((scope) => !this.covers(id, always, [scope]));
  }

  question(need: {
    provider: string;
    scopes: readonly string[];
    purpose?: string | undefined;
  }): AuthorizationQuestion {
    const { label } = this.get(need.provider);
    return {
      type: "authorization",
      provider: need.provider,
      label,
      scopes: unionOfScopes(need.scopes),
      purpose: need.purpose ?? `An agent that works for you needs your account at ${label}.`,
    };
  }
}
