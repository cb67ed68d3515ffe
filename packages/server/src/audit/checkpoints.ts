import type { Queries } from "../database/database.ts";
import { renderInstant } from "../database/instant.ts";

/** A checkpoint as it is stored. */
export interface StoredCheckpoint {
  size: number;
  /** Hexadecimal. */
  root: string;
  /** The signed note. */
  note: string;
  createdAt: string;
}

/** The newest checkpoint of an organisation, or the newest of at most that size. */
export async function findCheckpoint(
  queries: Pick<Queries, "call">,
  orgId: string,
  atMost?: number,
): Promise<StoredCheckpoint | undefined> {
  const found = (await queries.call("audit_last_checkpoint_v1", orgId, atMost)) as StoredCheckpoint | null;
  return found === null ? undefined : { ...found, createdAt: renderInstant(found.createdAt) };
}

/** The verifier keys that have signed for an organisation, the newest first. */
export async function listVerifierKeys(queries: Pick<Queries, "call">, orgId: string): Promise<string[]> {
  return (await queries.call("audit_keys_v1", orgId)) as string[];
}
