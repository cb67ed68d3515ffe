import { z } from "zod";
import { appIdSchema, instantSchema, textSchema } from "./instant.ts";
import { STRENGTHS } from "./legality.ts";
import { conditionSchema } from "./policy.ts";
import { routeSchema } from "./route-schema.ts";

/** No standing permission is for ever: a year at most. */
export const MAX_GRANT_SECONDS = 31_536_000;

/** Body of `POST /v1/grants`: from a decision (`holdId`), or by an operator or admin for a `tool`. */
export const createGrantSchema = z
  .strictObject({
    holdId: textSchema(200, 1).optional().describe("The approved hold whose decision is to stand."),
    tool: textSchema(200, 1).optional(),
    condition: conditionSchema
      .nullable()
      .optional()
      .describe("Default from a hold: exactly its arguments. null: any call of the tool."),
    agentId: appIdSchema.nullable().optional().describe("Default from a hold: its agent. null: any."),
    endUserId: appIdSchema.nullable().optional().describe("Default from a hold: its end user. null: any."),
    expiresInSeconds: z.int().min(60).max(MAX_GRANT_SECONDS),
    uses: z.int().min(1).max(1_000_000).optional(),
    budget: z.number().positive().max(1e12).optional().describe("Of the value of its actions, together."),
    reason: textSchema(4_000, 1).optional(),
  })
  .refine(({ holdId, tool }) => (holdId === undefined) !== (tool === undefined), {
    message: "give either the hold that it comes from, or a tool",
    path: ["holdId"],
  });
export type CreateGrant = z.infer<typeof createGrantSchema>;

export const grantSchema = z.object({
  id: z.string(),
  tool: z.string(),
  condition: z.string().nullable(),
  agentId: z.string().nullable(),
  endUserId: z.string().nullable(),
  isActive: z.boolean().describe("Neither revoked, expired nor used up."),
  expiresAt: instantSchema,
  uses: z.int().nullable(),
  usesLeft: z.int().nullable(),
  usedCount: z.int(),
  budget: z.number().nullable(),
  budgetLeft: z.number().nullable(),
  /** What it continues: nothing that asks for more is covered. */
  route: routeSchema,
  quorumRequired: z.int(),
  strength: z.enum(STRENGTHS),
  fromHoldId: z.string().nullable(),
  reason: z.string().nullable(),
  createdAt: instantSchema,
  createdBy: z.object({ id: z.string(), name: z.string() }),
  revokedAt: instantSchema.nullable(),
  revokedBy: z.object({ id: z.string(), name: z.string() }).nullable(),
});
export type Grant = z.infer<typeof grantSchema>;

export const grantDetailSchema = grantSchema.extend({
  /** Newest first, 100 at most; the audit log has all. */
  recentUses: z.array(
    z.object({
      claimId: z.string(),
      at: instantSchema,
      by: z.string(),
      actionHash: z.string(),
      value: z.number().nullable(),
      runId: z.string().nullable(),
      toolCallId: z.string().nullable(),
    }),
  ),
});
export type GrantDetail = z.infer<typeof grantDetailSchema>;

export const listGrantsSchema = z.strictObject({
  tool: textSchema(200, 1).optional(),
  agentId: appIdSchema.optional(),
  active: z.enum(["true", "false"]).optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
  cursor: z.string().max(1_000).optional(),
});
