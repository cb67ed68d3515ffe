import type { Connection, ConnectionStatus } from "@holdpoint/protocol";
import type { VaultPlace } from "./vault.ts";
import { renderInstant, renderInstantOrNull } from "../database/instant.ts";

/** A row of holdpoint.connections as `row_to_json` gives it. */
export interface ConnectionRow {
  org_id: string;
  id: string;
  end_user_id: string;
  provider: string;
  status: ConnectionStatus;
  version: number;
  scopes: string[];
  account: string | null;
  sealed: string | null;
  access_expires_at: string | null;
  lease_owner: string | null;
  lease_until: string | null;
  created_at: string;
  updated_at: string;
  last_used_at: string | null;
}

/** A connection that can be used: its tokens are there. */
export type ActiveConnectionRow = ConnectionRow & { status: "active"; sealed: string };

export function isActive(row: ConnectionRow | null): row is ActiveConnectionRow {
  return row !== null && row.status === "active" && row.sealed !== null;
}

/** Where its tokens are sealed for. */
export function placeOf(row: ConnectionRow): VaultPlace {
  return { orgId: row.org_id, connectionId: row.id, version: row.version };
}

/** As the API shows it: nothing of its tokens. */
export function renderConnection(row: ConnectionRow): Connection {
  return {
    id: row.id,
    endUserId: row.end_user_id,
    provider: row.provider,
    scopes: row.scopes,
    status: row.status,
    account: row.account,
    createdAt: renderInstant(row.created_at),
    updatedAt: renderInstant(row.updated_at),
    lastUsedAt: renderInstantOrNull(row.last_used_at),
  };
}
