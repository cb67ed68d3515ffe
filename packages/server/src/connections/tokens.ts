import { createId } from "@holdpoint/protocol";
import type { Logger } from "pino";
import type { Database } from "../database/database.ts";
import type { Wakeups } from "../events/wakeups.ts";
import { isActive, placeOf, type ActiveConnectionRow, type ConnectionRow } from "./connection-row.ts";
import type { ConnectionNeed, FreshConnection } from "./connections.ts";
import { ProviderError } from "./provider-error.ts";
import type { Providers } from "./providers.ts";
import { unionOfScopes } from "./scopes.ts";
import { VaultError, type SealedTokens, type Vault } from "./vault.ts";

export interface TokenDeps {
  database: Database;
  wakeups: Wakeups;
  logger: Pick<Logger, "warn" | "error">;
  providers: Providers;
  vault: Vault;
}

/** Renewed this long before its end, or in the last quarter of a short life. */
const MARGIN_SECONDS = 60;
/** Longer than a request to a provider with the look for its endpoints may take. */
export const LEASE_SECONDS = 30;
/** Safety net of the wake-up. */
const LOOK_AGAIN_MS = 250;

type Renewal =
  | { type: "renewed"; row: ActiveConnectionRow; tokens: SealedTokens }
  /** The provider takes it no more, and it is recorded so. */
  | { type: "ended" }
  /** Somebody else has changed it: read it again. */
  | { type: "changed" };

/**
 * Access tokens that are good for a while.
 *
 * Owns: when a token is renewed, and that one flight does it. Does not own: how providers talk, how tokens are sealed.
 *
 *  T1. At most one refresh of a connection is under way over all instances: whoever has the lease in its row. A refresh token
 *      that rotates is so never used twice.
 *  T2. What a refresh brought is written only over the version that it was made from.
 *  T3. Only the provider's word (invalid_grant, or its API's repeated 401) ends a connection; trouble on the way does not.
 */
export class Tokens {
  readonly #deps: TokenDeps;
  /** Flights of this instance, by connection: callers in one process share one. */
  readonly #flights = new Map<string, Promise<Renewal>>();

  constructor(deps: TokenDeps) {
    this.#deps = deps;
  }

  async look(need: ConnectionNeed): Promise<{ type: "ready" } | (FreshConnection & { type: "needed" })> {
    const { row } = await this.#read(need, false);
    if (!this.#meets(row, need)) return this.#needed(row, need);
    return (await this.#open(row)) === undefined ? this.#needed(null, need) : { type: "ready" };
  }

  async fresh(need: ConnectionNeed): Promise<FreshConnection> {
    // Somebody else's change is read again; each time it has changed, so this ends.
    for (let look = 0; look < 10; look++) {
      const { row, now } = await this.#read(need, true);
      if (!this.#meets(row, need)) return this.#needed(row, need);
      const tokens = await this.#open(row);
      if (tokens === undefined) return this.#needed(null, need);
      if (!isNearEnd(row, now)) return ready(row, tokens);
      const renewed = await this.#renewForUse(row, tokens, now);
      if (renewed.type === "ended") return this.#needed(null, need);
      if (renewed.type === "renewed")
        return this.#meets(renewed.row, need)
          ? ready(renewed.row, renewed.tokens)
          : this.#needed(renewed.row, need);
    }
    throw new ProviderError(
      "unreachable",
      `The connection to ${need.provider} changes all the time; try again.`,
    );
  }

  async refuse(
    need: ConnectionNeed,
    { accessToken, isRenewed }: { accessToken: string; isRenewed: boolean },
  ): Promise<FreshConnection> {
    const { row } = await this.#read(need, false);
    if (!this.#meets(row, need)) return this.#needed(row, need);
    const tokens = await this.#open(row);
    if (tokens === undefined) return this.#needed(null, need);
    // Another has renewed it since: that one is tried first.
    if (tokens.accessToken !== accessToken) return this.fresh(need);
    if (isRenewed || tokens.refreshToken === null) {
      await this.expire(row, "the provider's API refused its access token");
      return this.#needed(null, need);
    }
    const renewal = await this.#renew(row);
    if (renewal.type === "ended") return this.#needed(null, need);
    if (renewal.type === "changed" || !this.#meets(renewal.row, need)) return this.fresh(need);
    return ready(renewal.row, renewal.tokens);
  }

  /** Of exactly this version: what was renewed or revoked meanwhile stays as it is. */
  async expire(row: ConnectionRow, reason: string): Promise<void> {
    await this.#deps.database.callIdempotent("end_connection_v1", {
      orgId: row.org_id,
      id: row.id,
      version: row.version,
      status: "expired",
      reason,
      actorKind: "system",
      actorId: "system",
      actorName: "connections",
      eventId: createId("evt"),
    });
    this.#changed(row);
  }

  async #read(need: ConnectionNeed, isUse: boolean): Promise<{ row: ConnectionRow | null; now: string }> {
    this.#deps.providers.get(need.provider);
    const { orgId, endUserId, provider } = need;
    const answer = (await this.#deps.database.callIdempotent("use_connection_v1", {
      orgId,
      endUserId,
      provider,
      isUse,
    })) as {
      now: string;
      connection: ConnectionRow | null;
    };
    return { row: answer.connection, now: answer.now };
  }

  #meets(row: ConnectionRow | null, need: ConnectionNeed): row is ActiveConnectionRow {
    return isActive(row) && this.#deps.providers.covers(need.provider, row.scopes, need.scopes);
  }

  /** A narrower connection is extended: what it has is asked for as well. */
  #needed(row: ConnectionRow | null, need: ConnectionNeed): FreshConnection & { type: "needed" } {
    const { providers } = this.#deps;
    const scopes = isActive(row)
      ? unionOfScopes(providers.askedByTools(need.provider, row.scopes), need.scopes)
      : need.scopes;
    return { type: "needed", question: providers.question({ ...need, scopes }) };
  }

  /** Undefined when the record does not open: it is told, and its owner is asked again. */
  async #open(row: ActiveConnectionRow): Promise<SealedTokens | undefined> {
    try {
      return this.#deps.vault.open(row.sealed, placeOf(row));
    } catch (error) {
      if (!(error instanceof VaultError)) throw error;
      this.#deps.logger.error({ connectionId: row.id, code: error.code }, error.message);
      // Under another secret it may still be good, once the right one is set: it stays as it is.
      if (error.code === "vault_tampered")
        await this.expire(row, "its tokens are not what was sealed for it");
      return undefined;
    }
  }

  /** Trouble on the way does not matter while the token still lasts (T3). */
  async #renewForUse(row: ActiveConnectionRow, tokens: SealedTokens, now: string): Promise<Renewal> {
    const current: Renewal = { type: "renewed", row, tokens };
    const hasEnded = row.access_expires_at !== null && Date.parse(row.access_expires_at) <= Date.parse(now);
    if (tokens.refreshToken === null) {
      if (!hasEnded) return current;
      await this.expire(row, "its access token has ended, and the provider gave no refresh token");
      return { type: "ended" };
    }
    try {
      return await this.#renew(row);
    } catch (error) {
      if (hasEnded || !(error instanceof ProviderError)) throw error;
      this.#deps.logger.warn(
        { connectionId: row.id, code: error.code },
        `${error.message} The token lasts a little still.`,
      );
      return current;
    }
  }

  #renew(row: ActiveConnectionRow): Promise<Renewal> {
    const known = this.#flights.get(row.id);
    if (known !== undefined) return known;
    const flight = this.#fly(row).finally(() => this.#flights.delete(row.id));
    this.#flights.set(row.id, flight);
    return flight;
  }

  async #fly(row: ActiveConnectionRow): Promise<Renewal> {
    const { database, providers, vault } = this.#deps;
    const owner = createId("wrk");
    const place = { orgId: row.org_id, id: row.id };
    const leased = (await database.callIdempotent("lease_connection_v1", {
      ...place,
      owner,
      seconds: LEASE_SECONDS,
    })) as {
      code: "ok" | "taken" | "not_found";
      now: string;
      connection: ConnectionRow;
    };
    if (leased.code === "not_found") return { type: "changed" };
    if (leased.code === "taken") return this.#waitForFlight(leased.connection, leased.now);
    const giveBack = () => database.callIdempotent("lease_connection_v1", { ...place, owner, seconds: 0 });
    if (!isActive(leased.connection) || leased.connection.version !== row.version) {
      await giveBack();
      return { type: "changed" };
    }
    try {
      const tokens = vault.open(row.sealed, placeOf(row));
      const grant = await providers.get(row.provider).refresh(tokens.refreshToken ?? "");
      const next = {
        accessToken: grant.accessToken,
        refreshToken: grant.refreshToken ?? tokens.refreshToken,
      };
      const version = row.version + 1;
      const written = (await database.callIdempotent("renew_connection_v1", {
        ...place,
        version,
        sealed: vault.seal(next, { ...placeOf(row), version }),
        scopes: grant.scopes ?? row.scopes,
        accessExpiresInSeconds: grant.expiresInSeconds,
        eventId: createId("evt"),
      })) as { code: "ok" | "superseded"; connection: ConnectionRow | null };
      this.#changed(row);
      if (written.code === "ok" && isActive(written.connection))
        return { type: "renewed", row: written.connection, tokens: next };
      // Ended while it flew: what it brought must not live on.
      if (!isActive(written.connection)) await providers.get(row.provider).revoke(next);
      return { type: "changed" };
    } catch (error) {
      if (error instanceof ProviderError && error.trouble === "invalid_grant") {
        await this.expire(row, "the provider takes its refresh token no more");
        return { type: "ended" };
      }
      await giveBack();
      this.#changed(row);
      throw error;
    }
  }

  /** Until the other flight has landed, or its lease is over. */
  async #waitForFlight(row: ConnectionRow, now: string): Promise<Renewal> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const unsubscribe = this.#deps.wakeups.subscribe(`connection:${row.id}`, resolve);
    const left = Date.parse(row.lease_until ?? now) - Date.parse(now);
    const timer = setTimeout(resolve, Math.min(LOOK_AGAIN_MS, Math.max(left, 10)));
    await promise;
    clearTimeout(timer);
    unsubscribe();
    const [current] = (
      (await this.#deps.database.callIdempotent("list_connections_v1", {
        orgId: row.org_id,
        id: row.id,
      })) as {
        page: ConnectionRow[];
      }
    ).page;
    const isSame =
      current !== undefined && current.version === row.version && current.lease_owner === row.lease_owner;
    if (!isSame || left <= 0) return { type: "changed" };
    return this.#waitForFlight(row, new Date(Date.parse(now) + LOOK_AGAIN_MS).toISOString());
  }

  #changed(row: ConnectionRow): void {
    this.#deps.wakeups.publish([`connection:${row.id}`, `org:${row.org_id}`]);
  }
}

function ready(row: ActiveConnectionRow, tokens: SealedTokens): FreshConnection {
  return {
    type: "ready",
    connectionId: row.id,
    accessToken: tokens.accessToken,
    account: row.account,
    scopes: row.scopes,
    expiresAt: row.access_expires_at,
  };
}

function isNearEnd(row: ActiveConnectionRow, now: string): boolean {
  if (row.access_expires_at === null) return false;
  const end = Date.parse(row.access_expires_at);
  const life = end - Date.parse(row.updated_at);
  return end - Date.parse(now) <= Math.min(MARGIN_SECONDS * 1_000, life / 4);
}
