import { createId } from "@holdpoint/protocol";
import type { Database, Queries } from "../database/database.ts";
import { endUserTopic, type Wakeups } from "../events/wakeups.ts";
import type { HoldRow } from "../holds/hold-row.ts";
import { isActive, placeOf, type ConnectionRow } from "./connection-row.ts";
import type { Providers } from "./providers.ts";
import type { Vault } from "./vault.ts";

export interface Whose {
  orgId: string;
  endUserId: string;
  provider: string;
}

export interface OpenAuthorizations {
  connection: ConnectionRow | null;
  holds: { id: string; scopes: string[] }[];
}

export async function readOpenAuthorizations(
  queries: Pick<Queries, "call">,
  whose: Whose,
): Promise<OpenAuthorizations> {
  return (await queries.call("open_authorizations_v1", whose)) as OpenAuthorizations;
}

export interface Settlement {
  orgId: string;
  holdId: string;
  verdict: "answer" | "reject";
  /** `oauth`: their sign-in was about this hold. `readiness`: the need was met another way. */
  via: "oauth" | "readiness";
  verifiedBy: string | null;
  connectionId?: string;
  scopes?: readonly string[];
  comment?: string;
}

/** Ends one hold, if nobody was first (I3). */
export async function settleAuthorization(
  queries: Pick<Queries, "call">,
  settlement: Settlement,
): Promise<HoldRow | undefined> {
  const answer = (await queries.call("settle_authorization_v1", {
    ...settlement,
    decisionId: createId("dec"),
    eventId: createId("evt"),
  })) as { code: "ok" | "not_pending"; hold?: HoldRow };
  return answer.hold;
}

/** What a settled hold wakes: whoever waits for it, and the run that asked. */
export function topicsOf(hold: HoldRow): string[] {
  const topics = [`hold:${hold.id}`, `org:${hold.org_id}`, "advance"];
  if (hold.end_user_id !== null) topics.push(endUserTopic(hold.org_id, hold.end_user_id));
  return hold.run_id === null ? topics : [...topics, `run:${hold.run_id}`];
}

export interface SettleDeps {
  database: Database;
  wakeups: Wakeups;
  providers: Providers;
  vault: Vault;
}

/** Every open hold of theirs that the connection covers as it is now; each in a transaction with its event. */
export async function settleCovered(
  { database, wakeups, providers, vault }: SettleDeps,
  whose: Whose,
): Promise<string[]> {
  const { connection, holds } = await readOpenAuthorizations(database, whose);
  // What does not open is asked for: answered here, it would be asked again for ever.
  if (!isActive(connection) || !vault.opens(connection.sealed, placeOf(connection))) return [];
  const settled: string[] = [];
  for (const { id, scopes } of holds) {
    if (!providers.covers(whose.provider, connection.scopes, scopes)) continue;
    const hold = await settleAuthorization(database, {
      orgId: whose.orgId,
      holdId: id,
      verdict: "answer",
      via: "readiness",
      verifiedBy: null,
      connectionId: connection.id,
      scopes: connection.scopes,
    });
    if (hold === undefined) continue;
    settled.push(id);
    wakeups.publish(topicsOf(hold));
  }
  return settled;
}
