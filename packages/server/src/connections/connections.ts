import type { AuthorizationQuestion, AuthorizeAnswer, Connection } from "@holdpoint/protocol";

/** What a tool needs of an end user's account. */
export interface ConnectionNeed {
  orgId: string;
  endUserId: string;
  /** Id of a provider of the config. */
  provider: string;
  scopes: readonly string[];
  /** What for, in a sentence for the person who is asked. */
  purpose?: string | undefined;
}

/** A token that can be used now, or what has to be asked. */
export type FreshConnection =
  | {
      type: "ready";
      connectionId: string;
      /** Secret: for the request to the provider, and for nothing that is stored, logged or shown to a model. */
      accessToken: string;
      /** Whose account it is, as the provider says. */
      account: string | null;
      scopes: string[];
      /** Of the access token; null where the provider does not say. */
      expiresAt: string | null;
    }
  | { type: "needed"; question: AuthorizationQuestion };

/** Who ends a connection. */
export interface Revoker {
  kind: "member" | "agent" | "end_user" | "system";
  id: string;
  name: string | null;
}

/** How the provider took the end of a connection. */
export const REVOKED_AT_PROVIDER = ["revoked", "not_offered", "failed"] as const;
export type RevokedAtProvider = (typeof REVOKED_AT_PROVIDER)[number];

export interface AuthorizeRequest {
  orgId: string;
  /** The hold that asks, whose end user, provider and scopes count; or these. */
  need:
    | { holdId: string; endUserId?: string }
    | { endUserId: string; provider: string; scopes: readonly string[] };
  /**
   * SHA-256 (hex) of the cookie's token of the end user's device, as `deviceOf` of the OAuth routes reads it: the ticket is
   * then good in that browser only. Absent for an app's backend, which vouches for the browser it sends there.
   */
  deviceHash?: string | undefined;
  /** Recorded as `verifiedBy` of the answer. Default: `device` with a deviceHash, else `app`. */
  vouchedBy?: string | undefined;
  /** A key bound to one agent: only for holds of that agent. */
  agentId?: string | undefined;
}

/** End users' sign-ins at providers: their tokens are fresh, or a person is asked. */
export interface Connections {
  /** Ids of the config's providers. */
  readonly providers: readonly string[];

  /**
   * The question that an authorization hold has for this need. Throws `invalid_request` for a provider that the config does
   * not have, with the nearest that it has.
   */
  questionFor(need: Omit<ConnectionNeed, "orgId" | "endUserId">): AuthorizationQuestion;

  /** True when what was granted covers what is wanted, by the provider's own reading of scopes. */
  covers(provider: string, granted: readonly string[], wanted: readonly string[]): boolean;

  /**
   * Whether the need is met as far as is known here, without asking the provider: an active connection with these scopes.
   * `needed` has the union with the scopes of a narrower active connection.
   */
  look(
    need: ConnectionNeed,
  ): Promise<{ type: "ready" } | { type: "needed"; question: AuthorizationQuestion }>;

  /**
   * An access token that is good for a while; renewed when its end is near, by one flight over all instances. `needed` when
   * there is no connection, its scopes do not do, or the provider takes its refresh token no more.
   *
   * Throws ProviderError: `provider_unreachable` (retryable) when the provider cannot be reached and the token has ended: that
   * is not expiry, and nobody is asked; `provider_misconfigured` when it does not take this client.
   */
  fresh(need: ConnectionNeed): Promise<FreshConnection>;

  /**
   * The provider's API answered 401 to `accessToken`. The first time it is renewed by force (unless another is there
   * already). `isRenewed`: the renewed token was refused as well; then the connection is expired and its owner is asked.
   */
  refuse(
    need: ConnectionNeed,
    refused: { accessToken: string; isRenewed: boolean },
  ): Promise<FreshConnection>;

  /**
   * A ticket: an address on our own origin that leads a browser to the provider, once, within ten minutes.
   *
   * Throws `not_found` for a hold that is not there (or not this end user's), `already_decided` or `expired` for one that
   * waits no more, `invalid_request` for an unknown provider.
   */
  authorize(request: AuthorizeRequest): Promise<AuthorizeAnswer>;

  /**
   * Resolves the open authorization holds of this end user and provider that an active connection covers, each with its
   * event; answers their ids. Repeating it does nothing.
   */
  settleCovered(of: { orgId: string; endUserId: string; provider: string }): Promise<string[]>;

  list(query: {
    orgId: string;
    endUserId?: string | undefined;
    provider?: string | undefined;
    afterId?: string | undefined;
    limit: number;
  }): Promise<Connection[]>;

  /**
   * Ends a connection: at the provider where it offers that, and here whatever the provider says. Repeating it changes
   * nothing. Throws `not_found`; with `endUserId` for one that is another's too.
   */
  revoke(request: {
    orgId: string;
    connectionId: string;
    endUserId?: string | undefined;
    by: Revoker;
  }): Promise<Connection & { revokedAtProvider: RevokedAtProvider }>;
}
