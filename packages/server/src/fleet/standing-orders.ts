import {
  createId,
  type Ordered,
  type OrderKind,
  type OrderScope,
  type StandingOrder,
} from "@holdpoint/protocol";
import type { AgentDirectory } from "../agents/agent-directory.ts";
import type { Registry } from "../agents/registry.ts";
import type { StoredAgentRow } from "../agents/stored-agent.ts";
import type { Database } from "../database/database.ts";
import { renderInstant, renderInstantOrNull } from "../database/instant.ts";
import type { Wakeups } from "../events/wakeups.ts";
import { commonRefusal, type CommonAnswer } from "../identity/common-refusal.ts";
import { ProblemError } from "../problem.ts";

/**
 * What operators order beyond a single run: pauses and kill-switches, which stand until they are lifted.
 *
 *  O1. An order counts from its commit on: a run that is made later begins under it, and an action that was evaluated
 *      without a switch is refused by the database and evaluated anew.
 *  O2. What is there already is paused, or resumed, in bounded batches by whichever instance comes to it; how far that has
 *      come is a column of the order, so a crash in between delays it and loses nothing.
 *  O3. Lifting a pause resumes what it paused, and nothing that somebody paused alone.
 */
export interface OrderDeps {
  database: Database;
  wakeups: Pick<Wakeups, "publish">;
  registry: Pick<Registry, "findTool">;
  agents: Pick<AgentDirectory, "find">;
}

export interface OrderRequest {
  credentialHash: string;
  kind: OrderKind;
  scope: OrderScope;
  /** Empty over all runs. */
  subject: string;
  isLifted: boolean;
  reason: string | undefined;
  /** Of the request, the same in every repetition of it. */
  key: string | undefined;
}

/** A row of holdpoint.standing_orders as `row_to_json` gives it. */
interface OrderRow {
  org_id: string;
  kind: OrderKind;
  scope: OrderScope;
  subject: string;
  reason: string | null;
  created_at: string;
  given_by: StandingOrder["by"];
  lifted_at: string | null;
  lifted_by: StandingOrder["by"] | null;
}

/** Runs of one batch. */
const BATCH = 100;

/**
 * Gives or lifts an order: one round trip, and one more for each 100 runs that it pauses or resumes. Throws `conflict` for
 * lifting what was not ordered, `not_found` for a session that there is not, `not_allowed`.
 */
export async function giveOrder(deps: OrderDeps, request: OrderRequest): Promise<Ordered> {
  const { key, ...command } = request;
  const answer = (await deps.database.callIdempotent("give_order_v1", {
    ...command,
    key: key ?? createId("evt"),
    eventId: createId("evt"),
  })) as CommonAnswer & { order?: OrderRow };
  const { order } = answer;
  if ((answer.code !== "ok" && answer.code !== "unchanged") || order === undefined)
    throw orderRefusal(answer, request);
  if (answer.code === "ok") deps.wakeups.publish([`org:${order.org_id}`]);
  const runs =
    order.kind === "pause"
      ? await applyOrder(deps, { orgId: order.org_id, scope: order.scope, subject: order.subject })
      : 0;
  return { ...renderOrder(order), runs, isKnown: await isKnown(deps, order, runs) };
}

/** A name of which nobody has heard may be misspelt: then nothing is held by it, and that has to be said. */
async function isKnown(
  { registry, agents }: OrderDeps,
  { org_id: orgId, scope, subject }: OrderRow,
  runs: number,
): Promise<boolean> {
  switch (scope) {
    case "agent":
      return runs > 0 || (await agents.find(orgId, subject)) !== undefined;
    case "tool":
      return registry.findTool(subject) !== undefined;
    default:
      return true;
  }
}

/** Carries a pause out, or takes it back, on all runs that are there; resolves to how many changed here. */
export async function applyOrder(
  { database, wakeups }: Pick<OrderDeps, "database" | "wakeups">,
  order: { orgId: string; scope: OrderScope; subject: string },
  batch = BATCH,
): Promise<number> {
  for (let total = 0; ;) {
    const { runs, isDone } = (await database.callIdempotent("apply_order_v1", {
      ...order,
      eventIds: Array.from({ length: batch }, () => createId("evt")),
    })) as { runs: string[]; isDone: boolean };
    total += runs.length;
    if (runs.length > 0) {
      const topics = runs.flatMap((id) => [`run:${id}`, `control:${id}`]);
      wakeups.publish([...topics, `org:${order.orgId}`, "advance"]);
    }
    if (isDone) return total;
  }
}

export interface StandingOrders {
  /** The newest first. */
  orders: StandingOrder[];
  /** Agents that were made over the API. */
  stored: StoredAgentRow[];
  /** Agents elsewhere that have a run now. */
  agents: string[];
}

/** What stands. One round trip. */
export async function listOrders(database: Database, credentialHash: string): Promise<StandingOrders> {
  const answer = (await database.callIdempotent("list_orders_v1", credentialHash)) as CommonAnswer & {
    orders: OrderRow[];
    stored: StoredAgentRow[];
    agents: string[];
  };
  if (answer.code !== "ok") throw orderRefusal(answer);
  const { orders, stored, agents } = answer;
  return { orders: orders.map(renderOrder), stored, agents };
}

function renderOrder(row: OrderRow): StandingOrder {
  return {
    kind: row.kind,
    scope: row.scope,
    subject: row.subject === "" ? null : row.subject,
    reason: row.reason,
    by: row.given_by,
    createdAt: renderInstant(row.created_at),
    liftedAt: renderInstantOrNull(row.lifted_at),
    liftedBy: row.lifted_by,
  };
}

function orderRefusal(answer: CommonAnswer, request?: OrderRequest): ProblemError {
  const over = request === undefined ? "" : inWords(request);
  switch (answer.code) {
    case "session_unknown":
      return new ProblemError("not_found", `There is no session ${request?.subject ?? ""} here.`);
    case "not_given":
      return new ProblemError(
        "conflict",
        `${over} is not ${request?.kind === "hold" ? "held" : "paused"}: there is nothing to lift.`,
      );
    default: {
      const common = commonRefusal(answer);
      if (common !== undefined) return common;
      throw new TypeError(`hot function answered with an unknown code: ${answer.code}`);
    }
  }
}

function inWords({ scope, subject }: OrderRequest): string {
  return scope === "all"
    ? "The organisation"
    : `${scope[0]?.toUpperCase() ?? ""}${scope.slice(1)} ${subject}`;
}
