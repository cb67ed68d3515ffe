import type { CreateGrant, Grant, GrantDetail } from "@holdpoint/protocol";
import { listAll } from "./page.ts";
import type { RequestOptions, Transport } from "./transport.ts";

/** Which grants {@link Grants.list} gives. */
export interface ListGrantsOptions {
  tool?: string | undefined;
  agentId?: string | undefined;
  /** Neither revoked, expired nor used up, or only such. */
  active?: boolean | undefined;
}

/** Standing permissions: given by people, for a while. */
export class Grants {
  readonly #transport: Transport;

  constructor(transport: Transport) {
    this.#transport = transport;
  }

  /** From the next action on it counts, everywhere. Throws `not_allowed`, `not_approved`, `invalid_request`. */
  create(
    grant: CreateGrant,
    options: Pick<RequestOptions, "idempotencyKey" | "signal"> = {},
  ): Promise<Grant> {
    return this.#transport.json<Grant>("POST", "/v1/grants", { ...options, body: grant });
  }

  /** Newest first. */
  list({ active, ...options }: ListGrantsOptions = {}): AsyncGenerator<Grant, void, undefined> {
    const query = { ...options, ...(active !== undefined && { active: String(active) }) };
    return listAll<Grant>(this.#transport, "/v1/grants", query);
  }

  /** With its uses. Throws `not_found`. */
  get(id: string): Promise<GrantDetail> {
    return this.#transport.json<GrantDetail>("GET", `/v1/grants/${encodeURIComponent(id)}`, {});
  }

  /** From then on nothing proceeds by it. Throws `not_found`, `not_allowed`. */
  revoke(id: string): Promise<Grant> {
    return this.#transport.json<Grant>("DELETE", `/v1/grants/${encodeURIComponent(id)}`, {});
  }
}
