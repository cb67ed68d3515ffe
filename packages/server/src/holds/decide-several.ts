import { canonicalJson, HoldpointError, type DecisionInput, type Hold } from "@holdpoint/protocol";
import { idempotencyMismatch } from "../identity/common-refusal.ts";
import { ProblemError } from "../problem.ts";
import { decideHold, type DecideHoldDeps } from "./decide-hold.ts";
import { decideTogether, findDecidedUnder } from "./decide-together.ts";
import { getHold } from "./read-holds.ts";

export interface DecideSeveralRequest {
  credentialHash: string;
  decisions: readonly { holdId: string; input: DecisionInput }[];
  /** All or none. */
  isAtomic: boolean;
  via: string;
  idempotencyKey: string | undefined;
}

/** The hold as it was decided, or why it was not. */
export type DecisionResult =
  | { holdId: string; hold: Hold }
  | { holdId: string; error: { code: string; status: number; detail: string } };

/**
 * A person decides on several holds at once, each as if alone. Only what is alike and of low or medium impact: a decision on
 * many is a glance at each, so what takes a closer look is refused, and then nothing is decided. Each is read for that; with
 * `isAtomic` the first refusal is thrown and undoes all.
 */
export async function decideSeveral(
  deps: DecideHoldDeps,
  request: DecideSeveralRequest,
): Promise<DecisionResult[]> {
  const { credentialHash, decisions, via, idempotencyKey } = request;
  await requireSameHolds(deps, request);
  const holds: Hold[] = [];
  for (const { holdId } of decisions) holds.push(await getHold(deps.database, credentialHash, holdId));
  requireAlike(holds);
  if (request.isAtomic) {
    const decided = await decideTogether(deps, request);
    return decided.map((hold) => ({ holdId: hold.id, hold }));
  }
  const results: DecisionResult[] = [];
  for (const { holdId, input } of decisions) {
    const key = idempotencyKey === undefined ? undefined : `${idempotencyKey} ${holdId}`;
    try {
      const hold = await decideHold(deps, { credentialHash, holdId, input, via, idempotencyKey: key });
      results.push({ holdId, hold });
    } catch (error) {
      if (!HoldpointError.isInstance(error) || error.status >= 500) throw error;
      results.push({ holdId, error: { code: error.code, status: error.status, detail: error.message } });
    }
  }
  return results;
}

/** Each decision has a key of its own, so that alone none would tell that the same key stood for other holds. */
async function requireSameHolds(
  { database }: DecideHoldDeps,
  { credentialHash, decisions, idempotencyKey }: DecideSeveralRequest,
): Promise<void> {
  if (idempotencyKey === undefined) return;
  const before = await findDecidedUnder(database, credentialHash, idempotencyKey);
  if (before.some((id) => !decisions.some(({ holdId }) => holdId === id))) throw idempotencyMismatch();
}

function requireAlike(holds: readonly Hold[]): void {
  const [first] = holds;
  const twice = holds.find((hold, index) => holds.slice(0, index).some(({ id }) => id === hold.id));
  if (twice !== undefined) throw refused(twice, "comes twice");
  for (const hold of holds) {
    if (first !== undefined && kindOf(hold) !== kindOf(first)) throw refused(hold, `is not like ${first.id}`);
    const impact = hold.action?.impact;
    if (impact !== "low" && impact !== "medium")
      throw refused(hold, `is of ${impact ?? "unknown"} impact, and needs a look of its own`);
  }
}

/** What a person who has looked at one knows of the other: what is asked, and the shape of what it is asked about. */
function kindOf({ kind, action }: Hold): string {
  return canonicalJson([kind, action?.name ?? null, action?.schema ?? null]);
}

function refused(hold: Hold, why: string): ProblemError {
  return new ProblemError(
    "invalid_request",
    `These cannot be decided at once: ${hold.id} ${why}. Nothing was decided.`,
    { errors: [{ path: "decisions", message: `${hold.id} ${why}` }] },
  );
}
