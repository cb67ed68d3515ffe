import {
  canonicalJson,
  HOLD_STATUSES,
  jsonObjectSchema,
  textSchema,
  type DecisionInput,
  type Hold,
  type HoldStatus,
  type JsonObject,
  type JsonValue,
} from "@holdpoint/protocol";
import { z } from "zod";
import { credentialHashOf, pathParameter } from "../../http/credential.ts";
import { readIdempotencyKey } from "../../http/request.ts";
import { route, type App } from "../../http/route.ts";
import { decideHold } from "../../holds/decide-hold.ts";
import { getHold, listHolds, type HoldQuery } from "../../holds/read-holds.ts";
import { ProblemError } from "../../problem.ts";
import type { AgentOsDeps } from "../agentos.ts";
import { seconds } from "./render-run.ts";

/** A hold's status as this protocol says it. */
const APPROVAL_STATUSES = {
  pending: "pending",
  approved: "approved",
  modified: "approved",
  answered: "approved",
  rejected: "rejected",
  skipped: "rejected",
  expired: "expired",
  cancelled: "cancelled",
} as const satisfies Record<HoldStatus, string>;
type ApprovalStatus = (typeof APPROVAL_STATUSES)[HoldStatus];
const STATUSES = ["pending", "approved", "rejected", "expired", "cancelled"] as const;

const filterSchema = z.object({
  status: z.enum(STATUSES).optional(),
  agent_id: textSchema(200).optional(),
  run_id: textSchema(200).optional(),
  user_id: textSchema(200).optional(),
});
/** Pages are numbered here, so what fits is counted, and passed over; so far and no further. */
const COUNTED = 10_000;
const listSchema = filterSchema
  .extend({
    limit: z.coerce.number().int().min(1).max(200).default(100),
    page: z.coerce.number().int().min(1).default(1),
  })
  .refine(({ limit, page }) => (page - 1) * limit <= COUNTED, {
    path: ["page"],
    message: `goes beyond the first ${COUNTED}: filter them, or read GET /v1/holds`,
  });
const resolveSchema = z.object({
  status: z.enum(["approved", "rejected"]),
  resolved_by: textSchema(200).nullish().describe("Recorded as claimed; who decided is the credential's."),
  resolution_data: jsonObjectSchema.nullish(),
});
const approvalSchema = z.looseObject({
  id: z.string(),
  run_id: z.string().nullable(),
  status: z.enum(STATUSES),
  tool_name: z.string().nullable(),
  tool_args: jsonObjectSchema.nullable(),
});

/** Claims are kept beside the decision; longer ones belong into the run's own data. */
const MAX_CLAIMED = 10_000;

/** Approvals over the native holds, of runs of any door. Resolving one lets its run go on by itself. */
export function addApprovalRoutes(app: App, deps: AgentOsDeps): void {
  const tag = "AgentOS";
  const { database } = deps;
  const nameOf = async ({ orgId, agentId }: Hold): Promise<string | null> =>
    agentId === null ? null : deps.agents.nameOf(orgId, agentId);

  route(
    app,
    {
      method: "get",
      path: "/approvals",
      tag,
      summary: "List approvals",
      query: listSchema,
      responses: {
        200: {
          description: "A page",
          schema: z.object({
            data: z.array(approvalSchema),
            meta: z.object({
              page: z.int(),
              limit: z.int(),
              total_pages: z.int(),
              total_count: z.int().describe(`${COUNTED + 1} stands for more than ${COUNTED}.`),
            }),
          }),
        },
      },
    },
    async (context, { query }) => {
      const { limit, page } = query;
      const { data, count } = await listHolds(database, credentialHashOf(context), {
        ...queryOf(query),
        limit,
        offset: (page - 1) * limit,
        countUpTo: COUNTED,
      });
      const total = count ?? 0;
      const names = await deps.agents.namesOf(
        data[0]?.orgId ?? "",
        data.flatMap(({ agentId }) => agentId ?? []),
      );
      return context.json({
        data: data.map((hold) => renderApproval(hold, names.get(hold.agentId ?? "") ?? null)),
        meta: { page, limit, total_pages: Math.ceil(total / limit), total_count: total },
      });
    },
  );
  route(
    app,
    {
      method: "get",
      path: "/approvals/count",
      tag,
      summary: "How many approvals there are; those that are pending unless asked for otherwise",
      query: filterSchema,
      responses: { 200: { description: "The count", schema: z.object({ count: z.int() }) } },
    },
    async (context, { query }) => {
      const { count } = await listHolds(database, credentialHashOf(context), {
        ...queryOf({ ...query, status: query.status ?? "pending" }),
        limit: 1,
        countUpTo: COUNTED,
      });
      return context.json({ count });
    },
  );
  route(
    app,
    {
      method: "get",
      path: "/approvals/{id}",
      tag,
      summary: "One approval",
      responses: { 200: { description: "The approval", schema: approvalSchema } },
    },
    async (context) => {
      const hold = await getHold(database, credentialHashOf(context), pathParameter(context, "id"));
      return context.json(renderApproval(hold, await nameOf(hold)));
    },
  );
  route(
    app,
    {
      method: "get",
      path: "/approvals/{id}/status",
      tag,
      summary: "How an approval stands",
      responses: {
        200: {
          description: "Its status",
          schema: z.looseObject({ approval_id: z.string(), status: z.enum(STATUSES) }),
        },
      },
    },
    async (context) => {
      const hold = await getHold(database, credentialHashOf(context), pathParameter(context, "id"));
      const { id, status, run_id, resolved_at, resolved_by } = renderApproval(hold, null);
      return context.json({ approval_id: id, status, run_id, resolved_at, resolved_by });
    },
  );
  route(
    app,
    {
      method: "post",
      path: "/approvals/{id}/resolve",
      tag,
      summary: "Decide on an approval; its run goes on by itself",
      body: resolveSchema,
      responses: { 200: { description: "The approval", schema: approvalSchema } },
    },
    async (context, { body }) => {
      const credentialHash = credentialHashOf(context);
      const shown = await getHold(database, credentialHash, pathParameter(context, "id"));
      const hold = await decideHold(deps, {
        credentialHash,
        holdId: shown.id,
        input: inputOf(shown, body),
        via: "agentos",
        idempotencyKey: readIdempotencyKey(context),
        originalText: claimsOf(body),
      });
      return context.json(renderApproval(hold, await nameOf(hold)));
    },
  );
}

function queryOf(filter: z.output<typeof filterSchema>): Omit<HoldQuery, "limit"> {
  const { status, agent_id, run_id, user_id } = filter;
  const stored = HOLD_STATUSES.filter((one) => APPROVAL_STATUSES[one] === status);
  return {
    // The clock counts for what is pending and what expired (I6); the others are as they are stored.
    ...(status === "pending" || status === "expired"
      ? { status }
      : status !== undefined && { statuses: stored }),
    agentId: agent_id,
    runId: run_id,
    endUserId: user_id,
    sort: "createdAt",
  };
}

/** Bound to the hold that was read, by its hash: clients of this protocol know none. */
function inputOf(hold: Hold, body: z.output<typeof resolveSchema>): DecisionInput {
  const data = body.resolution_data ?? {};
  const said = ["confirmation_note", "note", "comment", "reason"].map((name) => data[name]);
  const words = said.find((text) => typeof text === "string");
  const comment = words === undefined ? {} : { comment: words };
  const args = data["tool_args"];
  if (args != null && canonicalJson(args) !== canonicalJson(hold.action?.arguments ?? null)) {
    throw new ProblemError(
      "action_changed",
      `The arguments sent back are not those of approval ${hold.id}: they are ${canonicalJson(hold.action?.arguments ?? null)}. Nothing was decided.`,
    );
  }
  if (body.status === "rejected") return { verdict: "reject", ...comment };
  if (hold.kind !== "clarification")
    return { verdict: "approve", ...(hold.action && { actionHash: hold.action.hash }), ...comment };
  const type = (hold.question as { type?: string } | null)?.type;
  const answer = data["answer"] ?? (type === "verification" || type === "action" ? true : undefined);
  return { verdict: "answer", ...(answer !== undefined && { answer }), ...comment };
}

/** What the client says of itself, verbatim; kept beside the decision and told to nobody as a fact. */
function claimsOf({ resolved_by, resolution_data }: z.output<typeof resolveSchema>): string | undefined {
  if (resolved_by == null && resolution_data == null) return undefined;
  const claims = canonicalJson({
    resolved_by: resolved_by ?? null,
    resolution_data: (resolution_data ?? null) as JsonValue,
  });
  if (claims.length <= MAX_CLAIMED) return claims;
  throw new ProblemError("invalid_request", "The resolution_data is too long.", {
    errors: [{ path: "resolution_data", message: `at most ${MAX_CLAIMED} characters` }],
  });
}

function renderApproval(hold: Hold, agentName: string | null) {
  const { outcome } = hold;
  return {
    id: hold.id,
    run_id: hold.runId,
    session_id: hold.sessionId,
    status: APPROVAL_STATUSES[hold.status] satisfies ApprovalStatus,
    approval_type: "required",
    pause_type: hold.kind === "clarification" ? "user_input" : "confirmation",
    source_type: "agent",
    source_name: agentName,
    agent_id: hold.agentId,
    user_id: hold.endUserId,
    tool_call_id: hold.toolCallId,
    tool_name: hold.action?.name ?? null,
    tool_args: hold.action?.arguments ?? null,
    context: { title: hold.title, summary: hold.summary, question: hold.question },
    resolution_data: outcome === null ? null : (resolutionOf(outcome) as JsonObject),
    // Who it was by their credential, whatever the client called itself.
    resolved_by: outcome?.by.name ?? null,
    resolved_at: hold.decidedAt === null ? null : seconds(hold.decidedAt),
    expires_at: hold.expiresAt === null ? null : seconds(hold.expiresAt),
    created_at: seconds(hold.createdAt),
    updated_at: seconds(hold.decidedAt ?? hold.createdAt),
  };
}

function resolutionOf({ verdict, arguments: changed, answer, comment }: NonNullable<Hold["outcome"]>) {
  return { verdict, tool_args: changed, answer, comment };
}
