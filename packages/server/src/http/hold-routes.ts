import {
  createHoldSchema,
  decideSeveralSchema,
  decisionInputSchema,
  decisionResultSchema,
  holdDetailSchema,
  holdSchema,
  instantSchema,
  jsonObjectSchema,
  jsonValueSchema,
  listHoldsSchema,
  reasonSchema,
  textSchema,
} from "@holdpoint/protocol";
import type { Context } from "hono";
import { z } from "zod";
import { createHold, type CreateHoldDeps } from "../holds/create-hold.ts";
import { decideHold } from "../holds/decide-hold.ts";
import { decideSeveral } from "../holds/decide-several.ts";
import { deferHold } from "../holds/defer-hold.ts";
import { cancelHold, claimExecution, reportExecution } from "../holds/execution.ts";
import { getHold, listHolds, waitForHold } from "../holds/read-holds.ts";
import type { Wakeups } from "../events/wakeups.ts";
import { credentialHashOf, pathParameter, viaOf } from "./credential.ts";
import { ProblemError } from "../problem.ts";
import { idempotencyOf, readAttempt, readIdempotencyKey } from "./request.ts";
import { route, type App, type RequestEnv } from "./route.ts";

export interface HoldRouteDeps extends CreateHoldDeps {
  wakeups: Wakeups;
  /** Fires when the service stops: long polls answer with what they have. */
  stopping: AbortSignal;
}

const waitSchema = z.strictObject({ timeoutSeconds: z.coerce.number().min(0).max(60).default(30) });
const cancelSchema = z.strictObject({ reason: textSchema(4_000).optional() });
const deferSchema = z.strictObject({});
const claimSchema = z.strictObject({ actionHash: z.string().max(200).optional() });
const executionSchema = z.strictObject({
  status: z.enum(["succeeded", "failed"]),
  result: jsonValueSchema.optional(),
  error: jsonValueSchema.optional(),
});
const autoProceededSchema = z.object({
  outcome: z.literal("auto_proceeded"),
  claim: z.string(),
  action: z.object({ name: z.string(), arguments: z.record(z.string(), z.unknown()), hash: z.string() }),
  reasons: z.array(reasonSchema),
  repeated: z
    .boolean()
    .describe(
      "True: it was let through before, for another attempt under the same Idempotency-Key. The header X-Holdpoint-Attempt, a UUID, names the attempt.",
    ),
});
const pageSchema = z.object({ data: z.array(holdSchema), nextCursor: z.string().nullable() });

export function addHoldRoutes(app: App, deps: HoldRouteDeps): void {
  const tag = "Holds";
  route(
    app,
    {
      method: "post",
      path: "/v1/holds",
      tag,
      summary: "Propose an action, or ask a question",
      body: createHoldSchema,
      responses: {
        201: {
          description: "Held: a person must decide; the same for the same key and body",
          schema: holdSchema,
        },
        200: { description: "The policy lets it proceed, with its claim", schema: autoProceededSchema },
      },
    },
    async (context, { body }) => {
      const created = await createHold(deps, {
        credentialHash: credentialHashOf(context),
        body,
        idempotencyKey: readIdempotencyKey(context),
        attempt: readAttempt(context),
      });
      if (created.type === "auto_proceeded") {
        const { type: _type, ...answer } = created;
        return context.json(answer, 200);
      }
      // The same key, the same answer: a repetition is created as much as the first was.
      return context.json(created.hold, 201);
    },
  );
  route(
    app,
    {
      method: "get",
      path: "/v1/holds",
      tag,
      summary: "List holds",
      query: listHoldsSchema,
      responses: { 200: { description: "A page", schema: pageSchema } },
    },
    async (context, { query }) => {
      const { data, nextCursor } = await listHolds(deps.database, credentialHashOf(context), query);
      return context.json({ data, nextCursor });
    },
  );
  route(
    app,
    {
      method: "get",
      path: "/v1/holds/{id}",
      tag,
      summary: "One hold with its decisions",
      responses: { 200: { description: "The hold", schema: holdDetailSchema } },
    },
    async (context) =>
      context.json(await getHold(deps.database, credentialHashOf(context), pathParameter(context, "id"))),
  );
  route(
    app,
    {
      method: "get",
      path: "/v1/holds/{id}/wait",
      tag,
      summary: "Wait until a hold is decided (long poll)",
      query: waitSchema,
      responses: {
        200: {
          description: "The hold: terminal, or still pending when the time is over",
          schema: holdDetailSchema,
        },
      },
    },
    async (context, { query }) => {
      const hold = await waitForHold({
        database: deps.database,
        wakeups: deps.wakeups,
        credentialHash: credentialHashOf(context),
        holdId: pathParameter(context, "id"),
        timeoutSeconds: query.timeoutSeconds,
        signal: AbortSignal.any([context.req.raw.signal, deps.stopping]),
      });
      return context.json(hold);
    },
  );
  route(
    app,
    {
      method: "post",
      path: "/v1/holds/{id}/decisions",
      tag,
      summary: "Decide",
      body: decisionInputSchema,
      responses: { 200: { description: "The decided hold", schema: holdSchema } },
    },
    async (context, { body }) =>
      context.json(
        await decideHold(deps, {
          credentialHash: credentialHashOf(context),
          holdId: pathParameter(context, "id"),
          input: body,
          via: viaOf(context),
          idempotencyKey: readIdempotencyKey(context),
        }),
      ),
  );
  route(
    app,
    {
      method: "post",
      path: "/v1/decisions",
      tag,
      summary: "Decide on several holds at once: of one kind and schema, of low or medium impact",
      body: decideSeveralSchema,
      responses: {
        200: {
          description: "What became of each",
          schema: z.object({ results: z.array(decisionResultSchema) }),
        },
      },
    },
    async (context, { body }) => {
      const results = await decideSeveral(deps, {
        credentialHash: credentialHashOf(context),
        decisions: body.decisions.map(({ holdId, ...input }) => ({ holdId, input })),
        isAtomic: body.atomic,
        via: viaOf(context),
        idempotencyKey: readIdempotencyKey(context),
      });
      return context.json({ results });
    },
  );
  route(
    app,
    {
      method: "post",
      path: "/v1/holds/{id}/cancel",
      tag,
      summary: "Withdraw a pending hold",
      body: cancelSchema,
      responses: { 200: { description: "The hold", schema: holdSchema } },
    },
    async (context, { body }) =>
      context.json(
        await cancelHold(deps, {
          credentialHash: credentialHashOf(context),
          holdId: pathParameter(context, "id"),
          reason: body.reason,
          via: viaOf(context),
          idempotency: idempotencyOf(context, { request: "cancel", ...body }),
        }),
      ),
  );
  route(
    app,
    {
      method: "post",
      path: "/v1/holds/{id}/defer",
      tag,
      summary: "Not now: put a pending hold off, for the person who asks; decides nothing",
      body: deferSchema,
      responses: { 200: { description: "The hold", schema: holdSchema } },
    },
    async (context) =>
      context.json(
        await deferHold(deps, {
          ...deferral(context, true),
          idempotency: idempotencyOf(context, { request: "defer" }),
        }),
      ),
  );
  route(
    app,
    {
      method: "delete",
      path: "/v1/holds/{id}/defer",
      tag,
      summary: "Take up again what was put off",
      responses: { 200: { description: "The hold", schema: holdSchema } },
    },
    async (context) => context.json(await deferHold(deps, deferral(context, false))),
  );
  route(
    app,
    {
      method: "post",
      path: "/v1/holds/{id}/claim-execution",
      tag,
      summary: "Redeem an approval, once",
      body: claimSchema,
      responses: {
        200: {
          description: "The right to execute exactly this action",
          schema: z.object({
            claim: z.string(),
            action: z.object({ name: z.string(), arguments: jsonObjectSchema, hash: z.string() }),
            expiresAt: instantSchema,
          }),
        },
      },
    },
    async (context, { body }) =>
      context.json(
        await claimExecution(deps, {
          credentialHash: credentialHashOf(context),
          holdId: pathParameter(context, "id"),
          actionHash: body.actionHash,
          idempotency: idempotencyOf(context, body),
        }),
      ),
  );
  route(
    app,
    {
      method: "post",
      path: "/v1/holds/{id}/execution",
      tag,
      summary: "Report how a claimed execution ended",
      body: executionSchema,
      responses: { 200: { description: "The hold", schema: holdSchema } },
    },
    async (context, { body }) => {
      if (body.status === "succeeded" && body.error !== undefined) {
        throw new ProblemError("invalid_request", "A succeeded execution has no error.", {
          errors: [{ path: "error", message: "belongs to failed" }],
        });
      }
      return context.json(
        await reportExecution(deps, {
          credentialHash: credentialHashOf(context),
          holdId: pathParameter(context, "id"),
          ...body,
          idempotency: idempotencyOf(context, { request: "execution", ...body }),
        }),
      );
    },
  );
}

function deferral(context: Context<RequestEnv>, isDeferred: boolean) {
  return { credentialHash: credentialHashOf(context), holdId: pathParameter(context, "id"), isDeferred };
}
