import { z } from "zod";
import { appIdSchema, instantSchema, textSchema } from "./instant.ts";

export const KEY_KINDS = ["agent", "operator", "relay"] as const;
export const SCOPES = [
  "holds:create",
  "holds:read",
  "runs:*",
  "runs:read",
  "audit:read",
  "decisions:relay",
  "end_users:read",
  "end_users:write",
  "end_users:tokens",
] as const;

/** Body of `POST /v1/api-keys`. */
export const createKeySchema = z.strictObject({
  name: textSchema(200, 1),
  kind: z.enum(KEY_KINDS),
  agentId: appIdSchema.optional(),
  scopes: z.array(z.enum(SCOPES)).max(SCOPES.length).optional(),
  expiresInDays: z.int().min(1).max(3_650).optional(),
});
export type CreateKey = z.infer<typeof createKeySchema>;

/** An API key as lists show it; the key itself is told once, when it is made. */
export const apiKeySchema = z.object({
  id: z.string(),
  name: z.string(),
  kind: z.enum(KEY_KINDS),
  agentId: z.string().nullable(),
  memberId: z.string().nullable(),
  scopes: z.array(z.string()),
  createdAt: instantSchema,
  expiresAt: instantSchema.nullable(),
  revokedAt: instantSchema.nullable(),
  lastUsedAt: instantSchema.nullable(),
});
export type ApiKey = z.infer<typeof apiKeySchema>;
