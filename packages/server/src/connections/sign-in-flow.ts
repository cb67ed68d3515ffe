import { createHmac } from "node:crypto";
import { createId, type AuthorizeAnswer } from "@holdpoint/protocol";
import type { Logger } from "pino";
import { renderInstant } from "../database/instant.ts";
import { hashCredential, randomToken } from "../identity/credential.ts";
import type { Secret } from "../identity/secret.ts";
import type { HoldRow } from "../holds/hold-row.ts";
import { refusal } from "../holds/refusal.ts";
import { isActive, placeOf, type ConnectionRow } from "./connection-row.ts";
import type { AuthorizeRequest } from "./connections.ts";
import type { Grant, Passage } from "./oauth-client.ts";
import { ProviderError } from "./provider-error.ts";
import { unionOfScopes } from "./scopes.ts";
import {
  readOpenAuthorizations,
  settleAuthorization,
  settleCovered,
  topicsOf,
} from "./settle-authorizations.ts";
import type { TokenDeps } from "./tokens.ts";

export interface SignInFlowDeps extends TokenDeps {
  logger: Pick<Logger, "info" | "warn" | "error">;
  secret: Secret;
  publicUrl: string;
}

/** A ticket lives this long; a browser at the provider has as long again. */
export const FLOW_SECONDS = 600;
/** More than the requests of an exchange may take together. */
const EXCHANGE_SECONDS = 60;

interface FlowRow {
  ticket_hash: string;
  org_id: string;
  end_user_id: string;
  provider: string;
  scopes: string[];
  hold_id: string | null;
  vouched_by: string;
  device_hash: string | null;
  expires_at: string;
  ended_as: "connected" | "refused" | "failed" | null;
}

/** What a person is told. `again`: the same page can be loaded again. */
export type FlowPage =
  | { type: "connected"; label: string; account: string | null; missing: string[]; hasDevice: boolean }
  | { type: "refused"; label: string; hasDevice: boolean }
  | { type: "unreachable"; label: string; again: true }
  | { type: "failed"; label: string; message: string; hasDevice: boolean }
  | { type: PlainPage };

/** Why a browser got no further. */
export type PlainPage =
  | "ticket_unknown"
  | "ticket_used"
  | "ticket_expired"
  | "other_device"
  | "closed"
  | "state_unknown"
  | "other_provider"
  | "other_browser"
  | "state_expired"
  | "state_used"
  | "in_progress"
  | "provider_gone";

export type Begun =
  | { type: "go"; url: string; stateHash: string; browserToken: string }
  | { type: "page"; page: FlowPage };

/**
 * The way to a provider and back.
 *
 *  F1. A ticket is spent once; a state comes back once, at its provider, in its browser, in time (`take_oauth_flow_v1`).
 *  F2. Nothing readable is in the URL: state, PKCE verifier and nonce come from one random value, of which the database has a
 *      hash; with the database alone no code can be exchanged.
 *  F3. Connection, its event, the holds that it answers and theirs, and the end of the flow are one transaction (I3, I5).
 *  F4. What could not be exchanged because the provider could not be reached is not spent.
 */
export class SignInFlow {
  readonly #deps: SignInFlowDeps;
  readonly #key: Buffer;

  constructor(deps: SignInFlowDeps) {
    this.#deps = deps;
    this.#key = deps.secret.derive("oauth-flow");
  }

  async offer({ orgId, need, deviceHash, vouchedBy, agentId }: AuthorizeRequest): Promise<AuthorizeAnswer> {
    if (!("holdId" in need)) this.#deps.providers.get(need.provider);
    const ticket = randomToken();
    const answer = (await this.#deps.database.callIdempotent("offer_oauth_flow_v1", {
      orgId,
      ticketHash: hashOf("ticket", ticket),
      ...need,
      agentId,
      deviceHash,
      vouchedBy: vouchedBy ?? (deviceHash === undefined ? "app" : "device"),
      lifetimeSeconds: FLOW_SECONDS,
    })) as { code: string; hold: HoldRow | undefined; flow?: FlowRow };
    if (answer.code !== "ok" || answer.flow === undefined)
      throw refusal(answer, "holdId" in need ? need.holdId : "this", "authorize");
    // Known only now, for a hold: its provider may have gone from the config.
    this.#deps.providers.get(answer.flow.provider);
    return {
      url: `${new URL(this.#deps.publicUrl).origin}/v1/oauth/begin/${ticket}`,
      expiresAt: renderInstant(answer.flow.expires_at),
    };
  }

  /** `deviceHash`: of the end user's cookie that came along, if one did. */
  async begin(ticket: string, deviceHash: string | undefined): Promise<Begun> {
    const { database, providers } = this.#deps;
    const ticketHash = hashOf("ticket", ticket);
    const found = (await database.call("find_oauth_flow_v1", ticketHash)) as {
      provider: string;
      status: string;
    } | null;
    if (found === null) return page("ticket_unknown");
    const client = providers.find(found.provider);
    if (client === undefined) return page("provider_gone");
    try {
      // F4: before the ticket is spent.
      await client.prepare();
    } catch (error) {
      return { type: "page", page: this.#trouble(error, client.label, false) };
    }
    const state = randomToken();
    const [stateHash, browserToken] = [hashOf("state", state), randomToken()];
    const answer = (await database.call("begin_oauth_flow_v1", {
      ticketHash,
      stateHash,
      browserHash: hashOf("browser", browserToken),
      deviceHash,
      lifetimeSeconds: FLOW_SECONDS,
    })) as { code: string; flow?: FlowRow };
    if (answer.flow === undefined) {
      const told = { not_found: "ticket_unknown", used: "ticket_used", expired: "ticket_expired" } as const;
      return page(told[answer.code as keyof typeof told] ?? (answer.code as "other_device" | "closed"));
    }
    const url = await client.authorizationUrl(this.#passage(state, answer.flow.scopes));
    return { type: "go", url, stateHash, browserToken };
  }

  /** `browserToken(stateHash)`: what this browser's cookie of that flow says. */
  async finish(
    provider: string,
    answer: URLSearchParams,
    browserToken: (stateHash: string) => string | undefined,
  ): Promise<FlowPage> {
    const state = answer.get("state") ?? "";
    const client = this.#deps.providers.find(provider);
    if (client === undefined) return { type: "provider_gone" };
    const stateHash = hashOf("state", state);
    const browser = browserToken(stateHash);
    const taken = (await this.#deps.database.call("take_oauth_flow_v1", {
      stateHash,
      provider,
      browserHash: browser === undefined ? null : hashOf("browser", browser),
      exchangeSeconds: EXCHANGE_SECONDS,
    })) as { code: string; flow?: FlowRow };
    if (taken.code !== "ok" || taken.flow === undefined) {
      const told = { not_found: "state_unknown", expired: "state_expired", used: "state_used" } as const;
      return {
        type:
          told[taken.code as keyof typeof told] ??
          (taken.code as "other_provider" | "other_browser" | "in_progress"),
      };
    }
    const { flow } = taken;
    try {
      const grant = await client.exchange(answer, this.#passage(state, flow.scopes));
      return await this.#connect(flow, client.label, grant);
    } catch (error) {
      if (error instanceof ProviderError && error.trouble === "denied")
        return this.#refuse(flow, client.label);
      const told = this.#trouble(error, client.label, flow.device_hash !== null);
      await this.#end(flow, told.type === "unreachable" ? null : "failed");
      return told;
    }
  }

  /** F3. */
  async #connect(flow: FlowRow, label: string, grant: Grant): Promise<FlowPage> {
    const { database, providers, vault, wakeups } = this.#deps;
    const whose = { orgId: flow.org_id, endUserId: flow.end_user_id, provider: flow.provider };
    const topics = [`org:${flow.org_id}`];
    const scopes = grant.scopes ?? unionOfScopes(flow.scopes);
    await database.transaction(async (tx) => {
      const { connection } = (await tx.call("open_connection_v1", { ...whose, id: createId("con") })) as {
        connection: ConnectionRow;
      };
      const version = connection.version + 1;
      const tokens = {
        accessToken: grant.accessToken,
        refreshToken: grant.refreshToken ?? this.#kept(connection, grant),
      };
      await tx.call("connect_v1", {
        orgId: flow.org_id,
        id: connection.id,
        version,
        sealed: vault.seal(tokens, { ...placeOf(connection), version }),
        scopes,
        account: grant.account,
        accessExpiresInSeconds: grant.expiresInSeconds,
        ticketHash: flow.ticket_hash,
        holdId: flow.hold_id,
        eventId: createId("evt"),
      });
      const covered = (await readOpenAuthorizations(tx, whose)).holds.filter((hold) =>
        providers.covers(flow.provider, scopes, hold.scopes),
      );
      // Several holds may make several runs due: see settle_hold_v1. The holds first, as whoever decides one of them does.
      if (covered.length > 1) {
        await tx.query(
          "select id from holdpoint.holds where org_id = $1 and id = any ($2) order by id for update",
          [flow.org_id, covered.map(({ id }) => id)],
        );
        await tx.query("select pg_advisory_xact_lock(7238116254001)");
      }
      for (const hold of covered) {
        const isAskedFor = hold.id === flow.hold_id;
        const settled = await settleAuthorization(tx, {
          orgId: flow.org_id,
          holdId: hold.id,
          verdict: "answer",
          via: isAskedFor ? "oauth" : "readiness",
          verifiedBy: isAskedFor ? flow.vouched_by : null,
          connectionId: connection.id,
          scopes,
        });
        if (settled !== undefined) topics.push(...topicsOf(settled));
      }
      topics.push(`connection:${connection.id}`);
      tx.afterCommit(() => wakeups.publish(topics));
    });
    // A hold that was made in that very moment saw no connection yet, and was not seen here.
    await settleCovered(this.#deps, whose);
    const missing = flow.scopes.filter((scope) => !providers.covers(flow.provider, scopes, [scope]));
    return {
      type: "connected",
      label,
      account: grant.account,
      missing,
      hasDevice: flow.device_hash !== null,
    };
  }

  /** Some providers give a refresh token with the first consent only: it goes on, if it is of the same account. */
  #kept(connection: ConnectionRow, grant: Grant): string | null {
    if (!isActive(connection) || grant.account === null || grant.account !== connection.account) return null;
    try {
      return this.#deps.vault.open(connection.sealed, placeOf(connection)).refreshToken;
    } catch {
      return null;
    }
  }

  async #refuse(flow: FlowRow, label: string): Promise<FlowPage> {
    const { database, wakeups } = this.#deps;
    const { org_id: orgId, hold_id: holdId } = flow;
    await database.transaction(async (tx) => {
      await tx.call("end_oauth_flow_v1", { orgId, ticketHash: flow.ticket_hash, endedAs: "refused" });
      if (holdId === null) return;
      const hold = await settleAuthorization(tx, {
        orgId,
        holdId,
        verdict: "reject",
        via: "oauth",
        verifiedBy: flow.vouched_by,
        comment: `Refused at ${label}.`,
      });
      if (hold !== undefined) tx.afterCommit(() => wakeups.publish(topicsOf(hold)));
    });
    return { type: "refused", label, hasDevice: flow.device_hash !== null };
  }

  async #end(flow: FlowRow, endedAs: "failed" | null): Promise<void> {
    const { org_id: orgId, ticket_hash: ticketHash } = flow;
    await this.#deps.database.call("end_oauth_flow_v1", { orgId, ticketHash, endedAs });
  }

  #trouble(error: unknown, label: string, hasDevice: boolean): FlowPage & { label: string } {
    if (!(error instanceof ProviderError)) throw error;
    this.#deps.logger.warn({ code: error.code }, error.message);
    if (error.trouble === "unreachable") return { type: "unreachable", label, again: true };
    return { type: "failed", label, message: error.message, hasDevice };
  }

  #passage(state: string, scopes: readonly string[]): Passage {
    const from = (purpose: string): string =>
      createHmac("sha256", this.#key).update(`${purpose}:${state}`).digest("base64url");
    return { state, verifier: from("verifier"), nonce: from("nonce"), scopes };
  }
}

function page(type: PlainPage): Begun {
  return { type: "page", page: { type } };
}

function hashOf(kind: "ticket" | "state" | "browser", token: string): string {
  return hashCredential(`oauth-${kind}:${token}`);
}
