import { createId } from "@holdpoint/protocol";
import type { Connection } from "@holdpoint/protocol";
import { ProblemError } from "../problem.ts";
import { isActive, placeOf, renderConnection, type ConnectionRow } from "./connection-row.ts";
import type { Connections, RevokedAtProvider } from "./connections.ts";
import { settleCovered } from "./settle-authorizations.ts";
import { SignInFlow, type SignInFlowDeps } from "./sign-in-flow.ts";
import { LEASE_SECONDS, Tokens } from "./tokens.ts";
import { Vault } from "./vault.ts";

export type ConnectionsOptions = Omit<SignInFlowDeps, "vault">;

export function createConnections(options: ConnectionsOptions): {
  connections: Connections;
  flow: SignInFlow;
} {
  const { database, wakeups, providers } = options;
  const deps = { ...options, vault: new Vault(options.secret) };
  const tokens = new Tokens(deps);
  const flow = new SignInFlow(deps);

  async function list(query: object): Promise<ConnectionRow[]> {
    return ((await database.callIdempotent("list_connections_v1", query)) as { page: ConnectionRow[] }).page;
  }

  /** While it has the lease, nobody renews what is being ended. Told before it is recorded: should this process die in
   *  between, the tokens are dead and the next use finds that out. */
  async function revokeAtProvider(row: ConnectionRow): Promise<RevokedAtProvider> {
    const client = providers.find(row.provider);
    if (client === undefined || !isActive(row)) return "not_offered";
    const lease = { orgId: row.org_id, id: row.id, owner: createId("wrk"), seconds: LEASE_SECONDS };
    const leased = (await database.callIdempotent("lease_connection_v1", lease)) as {
      connection?: ConnectionRow;
    };
    const current = leased.connection ?? row;
    if (!isActive(current)) return "not_offered";
    try {
      return await client.revoke(deps.vault.open(current.sealed, placeOf(current)));
    } catch {
      return "failed"; // sealed under another secret, or tampered with
    }
  }

  const connections: Connections = {
    providers: providers.ids,
    questionFor: (need) => providers.question(need),
    covers: (provider, granted, wanted) => providers.covers(provider, granted, wanted),
    look: (need) => tokens.look(need),
    fresh: (need) => tokens.fresh(need),
    refuse: (need, refused) => tokens.refuse(need, refused),
    authorize: (request) => flow.offer(request),
    settleCovered: (whose) => settleCovered(deps, whose),
    async list(query): Promise<Connection[]> {
      return (await list(query)).map(renderConnection);
    },
    async revoke({ orgId, connectionId, endUserId, by }) {
      const [row] = await list({ orgId, id: connectionId, endUserId, limit: 1 });
      if (row === undefined)
        throw new ProblemError("not_found", `There is no connection ${connectionId} here.`);
      const revokedAtProvider = await revokeAtProvider(row);
      const ended = (await database.callIdempotent("end_connection_v1", {
        orgId,
        id: connectionId,
        endUserId,
        status: "revoked",
        reason: null,
        actorKind: by.kind,
        actorId: by.id,
        actorName: by.name,
        eventId: createId("evt"),
      })) as { code: string; connection: ConnectionRow };
      if (ended.code === "not_found")
        throw new ProblemError("not_found", `There is no connection ${connectionId} here.`);
      if (revokedAtProvider === "failed")
        deps.logger.warn(
          { connectionId },
          `The provider ${row.provider} did not confirm the end of a connection; here it has ended.`,
        );
      wakeups.publish([`connection:${connectionId}`, `org:${orgId}`]);
      return { ...renderConnection(ended.connection), revokedAtProvider };
    },
  };
  return { connections, flow };
}
