import { z } from "zod";
import { appIdSchema, instantSchema, textSchema } from "./instant.ts";

/** One scope (RFC 6749 3.3): with a space in it a provider would read two, and nothing that it grants would ever be this one. */
export const scopeSchema = z
  .string()
  .min(1)
  .max(500)
  .regex(
    /^[\x21\x23-\x5b\x5d-\x7e]+$/,
    "must be one scope: printable ASCII without spaces, quotes and backslashes",
  );

export const CONNECTION_STATUSES = ["active", "expired", "revoked"] as const;
export type ConnectionStatus = (typeof CONNECTION_STATUSES)[number];

/** An end user's sign-in at a provider. Its tokens are in the vault and leave it only for the tool that uses them. */
export const connectionSchema = z.object({
  id: z.string(),
  endUserId: z.string(),
  provider: z.string(),
  scopes: z.array(z.string()),
  status: z.enum(CONNECTION_STATUSES).describe("`expired`: the provider takes its tokens no more."),
  account: z.string().nullable().describe("Whose account it is, as the provider says."),
  createdAt: instantSchema,
  updatedAt: instantSchema,
  lastUsedAt: instantSchema.nullable(),
});
export type Connection = z.infer<typeof connectionSchema>;

/** Query of `GET /v1/connections`. */
export const listConnectionsSchema = z.strictObject({
  endUserId: textSchema(200).optional(),
  provider: textSchema(200).optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
  cursor: z.string().max(1_000).optional(),
});

/**
 * Body of `POST /v1/connections/authorize`: the app's backend asks for the address behind its own button. With a hold the
 * end user, provider and scopes are the hold's.
 */
export const authorizeConnectionSchema = z.union(
  [
    z.strictObject({ holdId: textSchema(200, 1) }),
    z.strictObject({
      endUserId: appIdSchema,
      provider: textSchema(200, 1),
      scopes: z.array(scopeSchema).max(100).default([]),
    }),
  ],
  { error: "give either holdId, or endUserId, provider and scopes, and nothing else" },
);
export type AuthorizeConnection = z.infer<typeof authorizeConnectionSchema>;

/** The question of an authorization hold. */
export const authorizationQuestionSchema = z.strictObject({
  type: z.literal("authorization"),
  provider: textSchema(200, 1),
  label: textSchema(200, 1).describe("The provider's name for people."),
  scopes: z.array(textSchema(500, 1)).max(100),
  purpose: textSchema(2_000, 1),
});
export type AuthorizationQuestion = z.infer<typeof authorizationQuestionSchema>;
