import type { DecisionInput, Hold } from "@holdpoint/protocol";
import {
  checkDecision,
  commandOf,
  decidedHold,
  decideHold,
  type DecideAnswer,
  type DecideHoldDeps,
} from "./decide-hold.ts";
import type { Database } from "../database/database.ts";
import { decideWithin } from "./decide-in-transaction.ts";
import { refusal, type HoldAnswer } from "./refusal.ts";

export interface DecideTogetherRequest {
  credentialHash: string;
  decisions: readonly { holdId: string; input: DecisionInput; originalText?: string | undefined }[];
  via: string;
  /** Of the whole: each decision is kept under it with its hold's id. */
  idempotencyKey: string | undefined;
}

/**
 * Decides several holds, all or none (R231): in one transaction over the function that decides one, so that each has its own
 * decision, its own event and the same checks. Afterwards all are decided and their runs are due once (I3, I4, I11); or, at
 * the first that is refused, nothing has happened and its refusal is thrown.
 *
 * Round trips: that of one decision for one; else BEGIN, the locks, one for each hold, COMMIT; one read before for each that is modified or answered.
 */
export async function decideTogether(deps: DecideHoldDeps, request: DecideTogetherRequest): Promise<Hold[]> {
  const { credentialHash, decisions, via, idempotencyKey } = request;
  const keyOf = (holdId: string): string | undefined =>
    idempotencyKey === undefined ? undefined : `${idempotencyKey} ${holdId}`;
  const [only] = decisions;
  if (only !== undefined && decisions.length === 1) {
    return [await decideHold(deps, { ...only, credentialHash, via, idempotencyKey: keyOf(only.holdId) })];
  }
  const checked: Awaited<ReturnType<typeof checkDecision>>[] = [];
  for (const { holdId, input, originalText } of decisions) {
    checked.push(
      await checkDecision(deps, {
        credentialHash,
        holdId,
        input,
        via,
        originalText,
        idempotencyKey: keyOf(holdId),
      }),
    );
  }
  return deps.database.transaction(async (tx) => {
    const holdIds = checked.map(({ holdId }) => holdId);
    const locked = (await tx.call("lock_holds_v1", { credentialHash, holdIds })) as HoldAnswer;
    if (locked.code !== "ok") throw refusal(locked, holdIds[0] ?? "", "decide");
    const holds: Hold[] = [];
    for (const one of checked) {
      const answer = (await tx.call("decide_v1", commandOf(one))) as DecideAnswer;
      if (answer.code === "composed") {
        const done = await decideWithin(tx, deps, one);
        if ("refused" in done) throw done.refused;
        holds.push(done.hold);
        continue;
      }
      // Thrown inside the transaction: what was decided before it in here is undone.
      const hold = decidedHold(answer, one.holdId, one.verdict);
      if (answer.code === "ok") tx.afterCommit(() => deps.published(hold.orgId, hold));
      holds.push(hold);
    }
    return holds;
  });
}

/** What the credential's person has decided together under a key before; empty for a request that does not come again. One read. */
export async function findDecidedUnder(
  database: Pick<Database, "callIdempotent">,
  credentialHash: string,
  idempotencyKey: string,
): Promise<string[]> {
  return (await database.callIdempotent(
    "holds_decided_under_v1",
    credentialHash,
    idempotencyKey,
  )) as string[];
}
