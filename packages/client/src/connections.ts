import type { AuthorizeAnswer, AuthorizeConnection, Connection } from "@holdpoint/protocol";
import { listAll } from "./page.ts";
import type { RequestOptions, Transport } from "./transport.ts";

/** Which connections {@link Connections.list} gives. */
export interface ListConnectionsOptions {
  endUserId?: string | undefined;
  provider?: string | undefined;
}

/** A connection that was ended, and whether the provider confirmed it. */
export type RevokedConnection = Connection & { revokedAtProvider: "revoked" | "not_offered" | "failed" };

/** End users' sign-ins at providers. Their tokens never leave the service. */
export class Connections {
  readonly #transport: Transport;

  constructor(transport: Transport) {
    this.#transport = transport;
  }

  /** Newest first. */
  list(options: ListConnectionsOptions = {}): AsyncGenerator<Connection, void, undefined> {
    return listAll<Connection>(this.#transport, "/v1/connections", { ...options });
  }

  /**
   * The address behind your own button: the end user's browser goes there, once, within ten minutes, and comes back
   * connected. Whoever opens it connects their account to this end user, so give it to nobody else. Throws `not_found`,
   * `already_decided` or `expired` for a hold that waits no more, `invalid_request` for an unknown provider.
   */
  authorize(
    need: { holdId: string } | { endUserId: string; provider: string; scopes?: string[] },
    options: Pick<RequestOptions, "signal"> = {},
  ): Promise<AuthorizeAnswer> {
    const body = need satisfies Partial<AuthorizeConnection>;
    return this.#transport.json<AuthorizeAnswer>("POST", "/v1/connections/authorize", { ...options, body });
  }

  /** At the provider too where it offers that; here whatever the provider says. Repeating it changes nothing. */
  revoke(id: string): Promise<RevokedConnection> {
    return this.#transport.json<RevokedConnection>("DELETE", `/v1/connections/${encodeURIComponent(id)}`, {});
  }
}
