import {
  appIdSchema,
  canonicalJson,
  instantSchema,
  jsonObjectSchema,
  jsonValueSchema,
  textSchema,
  type DecisionInput,
  type HoldDetail,
  type JsonObject,
  type JsonValue,
} from "@holdpoint/protocol";
import type { Context } from "hono";
import { z } from "zod";
import { createHold, type CreateHoldDeps } from "../holds/create-hold.ts";
import { decideHold } from "../holds/decide-hold.ts";
import { findHoldByKey, getHold } from "../holds/read-holds.ts";
import { credentialHashOf, pathParameter, viaOf } from "../http/credential.ts";
import { readIdempotencyKey } from "../http/request.ts";
import { route, type App, type RequestEnv } from "../http/route.ts";
import { ProblemError } from "../problem.ts";
import { SELECTED } from "../transactions/coverage.ts";
import { ruleOnApproval } from "../transactions/rule-on-transaction.ts";
import { TRANSACTION_ACTION } from "../transactions/service.ts";
import type { Transactions } from "../transactions/transactions.ts";
import { alternativesOf, renderApproval, renderSubmitted, tellOfTaken } from "./amorce-answers.ts";

export { amorceErrors } from "./amorce-answers.ts";

export interface AmorceDeps extends CreateHoldDeps {
  transactions: Pick<Transactions, "findService" | "transact">;
  logger: CreateHoldDeps["logger"] & { warn(details: object, message: string): void };
  /** HOLDPOINT_STRICT: a time that nobody can keep is refused. */
  isStrict: boolean;
}

/** R130: below that, nobody can be expected to answer. */
const SHORT_TIMEOUT_SECONDS = 60;

// What these clients send besides is theirs, and no mistake.
const approvalSchema = z.object({
  approval_id: z
    .string()
    .regex(/^[A-Za-z0-9._:~-]{1,180}$/, "must be 1 to 180 letters, digits and . _ : ~ -")
    .refine((id) => !id.startsWith("hold_"), "must not begin with hold_, as the server's own ids do")
    .optional()
    .describe(
      "Chosen by the client: an alias of the hold's id. The same content with it again is the same approval.",
    ),
  transaction_id: appIdSchema,
  summary: textSchema(4_000, 1),
  details: jsonObjectSchema.optional(),
  timeout_seconds: z.int().min(1).max(31_536_000).default(300),
  alternatives: z.array(jsonValueSchema).max(50).optional(),
});
const submitSchema = z.object({
  decision: z.enum(["approve", "reject"]),
  approved_by: textSchema(500, 1),
  comments: textSchema(3_000).optional().describe("The reply as the person gave it."),
  selected_alternative: jsonValueSchema.optional(),
});
const transactSchema = z.object({
  service_id: textSchema(200, 1),
  consumer_agent_id: appIdSchema.optional(),
  payload: jsonObjectSchema,
  transaction_id: appIdSchema.optional(),
});

const statusSchema = z.enum(["pending", "approved", "rejected", "expired"]);
const createdSchema = z.object({
  approval_id: z.string(),
  status: statusSchema,
  created_at: instantSchema,
  expires_at: instantSchema.nullable(),
});
const shownSchema = z.object({
  approval_id: z.string(),
  transaction_id: z.string().nullable(),
  status: statusSchema,
  summary: z.string(),
  details: jsonObjectSchema,
  decision: z.enum(["approve", "reject"]).nullable(),
  approved_by: z.string().nullable(),
  approved_at: instantSchema.nullable(),
  comments: z.string().nullable(),
  created_at: instantSchema,
  expires_at: instantSchema.nullable(),
});
const submittedSchema = shownSchema.pick({ approval_id: true, status: true, approved_at: true });
const transactedSchema = z.object({
  transaction_id: z.string(),
  status: z.enum(["success", "failed"]),
  result: jsonValueSchema.nullable(),
  error: z.string().optional(),
});

/** The Amorce protocol's approvals and transactions, over native holds. */
export function addAmorceRoutes(app: App, deps: AmorceDeps): void {
  const tag = "Amorce";
  route(
    app,
    {
      method: "post",
      path: "/api/v1/approvals",
      tag,
      summary: "Ask for the approval of a transaction",
      body: approvalSchema,
      responses: {
        201: { description: "A person decides; the same for the same content", schema: createdSchema },
      },
    },
    async (context, { body }) => {
      const { approval_id: alias, details = {}, timeout_seconds: timeoutSeconds, alternatives } = body;
      warnOfShortTime(deps, timeoutSeconds);
      const created = await createHold(deps, {
        credentialHash: credentialHashOf(context),
        body: {
          kind: "approval",
          action: { name: TRANSACTION_ACTION, arguments: details },
          summary: body.summary,
          transactionId: body.transaction_id,
          timeoutSeconds,
          ...(alternatives !== undefined && { details: { alternatives } }),
        },
        // The id that a client chooses is what its request is known by.
        idempotencyKey: alias === undefined ? readIdempotencyKey(context) : keyOf(alias),
        ruleUnder: (policy, { orgId, agentId }) => {
          const named = details["service_id"];
          const service = typeof named === "string" ? deps.transactions.findService(named) : undefined;
          return ruleOnApproval(deps, policy, { orgId, agentId, service }, details, timeoutSeconds);
        },
      }).catch((error: unknown) => {
        throw alias === undefined ? error : tellOfTaken(alias, error);
      });
      if (created.type !== "held") throw new TypeError("an approval that was asked for was not held");
      const { approval_id, status, created_at, expires_at } = renderApproval(
        { ...created.hold, decisions: [] },
        alias,
      );
      return context.json({ approval_id, status, created_at, expires_at }, 201);
    },
  );
  route(
    app,
    {
      method: "get",
      path: "/api/v1/approvals/{approvalId}",
      tag,
      summary: "One approval",
      responses: { 200: { description: "The approval", schema: shownSchema } },
    },
    async (context) => {
      const { hold, id } = await approvalOf(deps, context);
      return context.json(renderApproval(hold, id));
    },
  );
  route(
    app,
    {
      method: "post",
      path: "/api/v1/approvals/{approvalId}/submit",
      tag,
      summary: "Submit what a person decided",
      body: submitSchema,
      responses: { 200: { description: "What it is from now on", schema: submittedSchema } },
    },
    async (context, { body }) => {
      const { hold, id } = await approvalOf(deps, context);
      const decided = await decideHold(deps, {
        credentialHash: credentialHashOf(context),
        holdId: hold.id,
        input: decisionOn(hold, body),
        via: viaOf(context),
        claimedBy: body.approved_by,
        originalText: body.comments,
        idempotencyKey: readIdempotencyKey(context),
      });
      return context.json(renderSubmitted(decided, id));
    },
  );
  // The second is what that protocol's own library calls.
  for (const path of ["/api/v1/a2a/transact", "/v1/a2a/transact"]) {
    route(
      app,
      {
        method: "post",
        path,
        tag,
        summary: "Carry out one step of a transaction with a service of the config file",
        body: transactSchema,
        responses: {
          200: { description: "How it ended; the same for the same step", schema: transactedSchema },
        },
      },
      async (context, { body }) => {
        const done = await deps.transactions.transact({
          credentialHash: credentialHashOf(context),
          serviceId: body.service_id,
          payload: body.payload,
          transactionId: transactionOf(body),
          agentId: body.consumer_agent_id,
          idempotencyKey: readIdempotencyKey(context),
        });
        return context.json({
          transaction_id: done.transactionId,
          status: done.status === "executed" ? "success" : "failed",
          result: done.result,
          ...(done.error !== null && { error: done.error.message }),
        });
      },
    );
  }
}

/** A key that no header can carry, so that aliases and keys are never taken for each other. */
function keyOf(alias: string): string {
  return `amorce ${alias}`;
}

function warnOfShortTime({ logger, isStrict }: AmorceDeps, timeoutSeconds: number): void {
  if (timeoutSeconds >= SHORT_TIMEOUT_SECONDS) return;
  const message = `timeout_seconds is ${timeoutSeconds}: people rarely answer within less than ${SHORT_TIMEOUT_SECONDS} seconds.`;
  if (isStrict)
    throw new ProblemError("invalid_request", message, {
      errors: [{ path: "timeout_seconds", message: `must be at least ${SHORT_TIMEOUT_SECONDS}` }],
    });
  logger.warn({ timeoutSeconds }, message);
}

/** By the server's id or by the client's; 404 also for what is no approval. The answer has the id that was asked for. */
async function approvalOf(
  { database }: AmorceDeps,
  context: Context<RequestEnv>,
): Promise<{ hold: HoldDetail; id: string }> {
  const id = pathParameter(context, "approvalId");
  const credentialHash = credentialHashOf(context);
  const found = id.startsWith("hold_") ? id : await findHoldByKey(database, credentialHash, keyOf(id));
  const hold = await getHold(database, credentialHash, found ?? id).catch((error: unknown) => {
    throw error instanceof ProblemError && error.problemCode === "not_found" ? noApproval(id, error) : error;
  });
  if (hold.kind !== "approval") throw noApproval(id);
  return { hold, id };
}

function noApproval(id: string, cause?: unknown): ProblemError {
  return new ProblemError("not_found", `There is no approval ${id} here.`, { cause });
}

/**
 * Bound to the hold as it was read. Who approves an alternative approves that and not what was proposed: its members take the
 * place of the details', and one that is no object stands beside them as `selected_alternative`.
 */
function decisionOn(hold: HoldDetail, body: z.output<typeof submitSchema>): DecisionInput {
  const { selected_alternative: selected, comments } = body;
  const comment = comments === undefined ? {} : { comment: comments };
  if (selected === undefined || selected === null) return { ...verdictOn(hold, body.decision), ...comment };
  requireOffered(hold, selected);
  if (body.decision === "reject")
    return {
      verdict: "reject",
      comment: `${comments ?? ""}\nSelected instead: ${JSON.stringify(selected)}`.trim(),
    };
  const modifications: JsonObject =
    typeof selected === "object" && !Array.isArray(selected) ? selected : { [SELECTED]: selected };
  return { ...verdictOn(hold, "approve"), verdict: "modify", modifications, ...comment };
}

function verdictOn(hold: HoldDetail, decision: "approve" | "reject"): DecisionInput {
  if (decision === "reject") return { verdict: "reject" };
  return { verdict: "approve", actionHash: hold.action?.hash };
}

function requireOffered(hold: HoldDetail, selected: JsonValue): void {
  if (alternativesOf(hold).some((offered) => canonicalJson(offered) === canonicalJson(selected))) return;
  throw new ProblemError(
    "invalid_request",
    "selected_alternative is none of the alternatives that were offered.",
    {
      errors: [{ path: "selected_alternative", message: "is not one of the approval's alternatives" }],
    },
  );
}

/** Beside the payload or in it, as its clients do; two that differ are a mistake. */
function transactionOf({
  transaction_id: given,
  payload,
}: z.output<typeof transactSchema>): string | undefined {
  const inside = payload["transaction_id"];
  if (inside === undefined || inside === null) return given;
  const parsed = appIdSchema.safeParse(inside);
  if (parsed.success && (given === undefined || given === parsed.data)) return parsed.data;
  throw new ProblemError(
    "invalid_request",
    "The payload's transaction_id is another than the request's, or is none.",
    {
      errors: [{ path: "payload.transaction_id", message: "must be the transaction's id" }],
    },
  );
}
