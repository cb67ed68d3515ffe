import { setTimeout as delay } from "node:timers/promises";
import { createId } from "@holdpoint/protocol";
import { CheckpointSigner } from "../../src/audit/checkpoint-signer.ts";
import { SequencerTerm } from "../../src/audit/sequencer-term.ts";
import type { Database } from "../../src/database/database.ts";
import { Secret } from "../../src/identity/secret.ts";
import pino from "pino";

export const testSecret = new Secret("a secret of the tests, long enough for one");

/** Writes events as transitions do: pairs of a presented action and its decision. */
export async function insertEvents(
  database: Database,
  orgId: string,
  count: number,
  about: { endUserId?: string; sessionId?: string } = {},
): Promise<string[]> {
  const ids = Array.from({ length: count }, () => createId("evt"));
  await database.transaction(async (tx) => {
    await tx.query("select set_config('hp.org_id', $1, true)", [orgId]);
    await tx.query(
      `insert into holdpoint.events (org_id, id, type, created_at, actor_kind, actor_id, actor_name, decision, rationale,
         action_name, action_hash, hold_id, session_id, agent_id, end_user_id, data)
       select $1, id, case when n % 2 = 1 then 'hold.created' else 'hold.decided' end, holdpoint.hp_now(),
         case when n % 2 = 1 then 'agent' else 'member' end, case when n % 2 = 1 then 'agent_1' else 'mem_ada' end,
         case when n % 2 = 1 then null else 'Ada' end, case when n % 2 = 1 then null else 'approved' end,
         case when n % 2 = 1 then null else 'reason ' || n end, 'refund', 'sha256:' || md5(id) || md5(id),
         'hold_' || ((n + 1) / 2), $3, 'agent_1', $4,
         json_build_object('n', n, 'action', json_build_object('name', 'refund', 'arguments', json_build_object('order', n, 'to', 'Käthe')))
       from unnest($2::text[]) with ordinality as t(id, n)`,
      [orgId, ids, about.sessionId ?? null, about.endUserId ?? null],
    );
  });
  return ids;
}

export const testSigner = new CheckpointSigner(testSecret);

/** Sequences and signs everything that there is, as the service would. */
export async function sequenceAll(database: Database): Promise<void> {
  await untilBelowHorizon(database);
  await sequenceWhatCanBe(database);
}

/**
 * Waits for the transactions that were under way: those of other tests on the same server keep the horizon back too, and
 * what is above it would have no place yet.
 */
async function untilBelowHorizon(database: Database): Promise<void> {
  const [now] = await database.query<{ xid: string }>(
    "select pg_snapshot_xmax(pg_current_snapshot())::text as xid",
  );
  for (;;) {
    const [horizon] = await database.query<{ isPast: boolean }>(
      `select pg_snapshot_xmin(pg_current_snapshot())::text::bigint >= $1::bigint as "isPast"`,
      [now?.xid],
    );
    if (horizon?.isPast === true) return;
    await delay(5); // PostgreSQL tells nobody when a transaction ends
  }
}

/** What is above the horizon gets no place. */
export async function sequenceWhatCanBe(database: Database): Promise<void> {
  const session = await database.elect("audit-sequencer", AbortSignal.timeout(20_000));
  try {
    const term = await SequencerTerm.begin({
      session,
      signer: testSigner,
      logger: pino({ level: "silent" }),
    });
    await term.sequence();
    await term.sign({ isAll: true });
  } finally {
    await session.release();
  }
}
