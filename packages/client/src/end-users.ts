import type { EndUser, EndUserInput, EndUserLink, EndUserLinkView, EndUserToken } from "@holdpoint/protocol";
import type { CallOptions } from "./holds.ts";
import { listAll } from "./page.ts";
import type { RequestOptions, Transport } from "./transport.ts";

/** Which people {@link EndUsers.list} gives. */
export interface ListEndUsersOptions {
  /** Part of id, name, email or phone. */
  q?: string | undefined;
  /** Only those with open questions, or without. */
  open?: boolean | undefined;
  signal?: AbortSignal | undefined;
}

/** The people that agents work for. For the app's backend: with an operator key, or a key with scopes `end_users:*`. */
export class EndUsers {
  readonly #transport: Transport;

  constructor(transport: Transport) {
    this.#transport = transport;
  }

  /** By id. */
  list({ open, signal, ...options }: ListEndUsersOptions = {}): AsyncGenerator<EndUser, void, undefined> {
    const query = { ...options, ...(open !== undefined && { open: String(open) }) };
    return listAll<EndUser>(this.#transport, "/v1/end-users", query, signal);
  }

  /** Throws `not_found`. */
  get(id: string): Promise<EndUser> {
    return this.#send("GET", path(id), {});
  }

  /** What is left out stays; null takes it away. Makes the person on first use. */
  set(id: string, input: EndUserInput): Promise<EndUser> {
    return this.#send("PUT", path(id), { body: input });
  }

  /**
   * A link to the page with the person's questions, and its code: both belong into one message to that person. The first
   * device that brings the code is the one it works on, until `expiresAt`.
   */
  createLink(
    id: string,
    input: { expiresInSeconds?: number } = {},
    options: CallOptions = {},
  ): Promise<EndUserLink> {
    return this.#send("POST", `${path(id)}/links`, { ...options, body: input });
  }

  /** Newest first, at most 200. */
  async listLinks(id: string): Promise<EndUserLinkView[]> {
    return (await this.#send<{ data: EndUserLinkView[] }>("GET", `${path(id)}/links`, {})).data;
  }

  /** From then on it opens nothing, and the device that it was bound to is out. */
  revokeLink(id: string, linkId: string): Promise<EndUserLinkView> {
    return this.#send("DELETE", `${path(id)}/links/${encodeURIComponent(linkId)}`, {});
  }

  /**
   * A short-lived token for the app's own page: the app's backend vouches that it is this person who is signed in there.
   * Give it to their browser, for `HoldpointQuestions`.
   */
  createToken(
    id: string,
    input: { expiresInSeconds?: number } = {},
    options: CallOptions = {},
  ): Promise<EndUserToken> {
    return this.#send("POST", `${path(id)}/tokens`, { ...options, body: input });
  }

  #send<Result>(method: string, at: string, options: RequestOptions): Promise<Result> {
    return this.#transport.json<Result>(method, at, options);
  }
}

function path(id: string): string {
  return `/v1/end-users/${encodeURIComponent(id)}`;
}
