import type { Hold, HoldStatus } from "@holdpoint/protocol";
import type { Database } from "../database/database.ts";
import { renderHold, type HoldRow } from "./hold-row.ts";
import { refusal, type HoldAnswer } from "./refusal.ts";

export interface OutcomeFilter {
  statuses: readonly HoldStatus[];
  holdId?: string | undefined;
  agentId?: string | undefined;
  /** ISO 8601; that instant counts. */
  from?: string | undefined;
  /** ISO 8601; that instant does not count. */
  until?: string | undefined;
  isAscending: boolean;
}

export interface OutcomePage {
  data: { hold: Hold; agentName: string | null }[];
  /** At most {@link COUNTED}. */
  total: number;
}

/** Beyond it nobody counts: who wants all reads the log, which has cursors. */
export const COUNTED = 10_000;

/**
 * What became of the actions that people were asked about, in numbered pages, by when it was settled. One round trip, which looks
 * at all that the filter finds: for people who look at it, not for loops. Throws `not_allowed` for who may not read the log.
 */
export async function listOutcomes(
  database: Pick<Database, "callIdempotent">,
  credentialHash: string,
  filter: OutcomeFilter,
  { page, limit }: { page: number; limit: number },
): Promise<OutcomePage> {
  const answer = (await database.callIdempotent("list_outcomes_v1", {
    credentialHash,
    ...filter,
    offset: Math.min((page - 1) * limit, COUNTED),
    limit,
    countUpTo: COUNTED - 1,
  })) as HoldAnswer & { now: string; count: number; page: { hold: HoldRow; agentName: string | null }[] };
  if (answer.code !== "ok") throw refusal(answer, "", "list");
  return {
    data: answer.page.map(({ hold, agentName }) => ({ hold: renderHold(hold, answer.now), agentName })),
    total: answer.count,
  };
}
