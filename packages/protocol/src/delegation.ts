import { z } from "zod";
import { instantSchema } from "./instant.ts";
import { personSchema } from "./route-schema.ts";

/** Body of `POST /v1/delegations`. */
export const createDelegationSchema = z
  .strictObject({
    from: personSchema
      .optional()
      .describe("Who is stood in for. Default: whoever asks; another is an admin's to name."),
    to: personSchema.describe("Who stands in."),
    startsAt: z.iso.datetime({ offset: true }).optional().describe("Default: now."),
    endsAt: z.iso
      .datetime({ offset: true })
      .describe(
        "From this instant on it is over. There is none without an end, and none longer than a year.",
      ),
  })
  .refine(({ startsAt, endsAt }) => startsAt === undefined || Date.parse(startsAt) < Date.parse(endsAt), {
    path: ["endsAt"],
    message: "must be after startsAt",
  });
export type CreateDelegation = z.infer<typeof createDelegationSchema>;

const memberSchema = z.object({ id: z.string(), name: z.string() });

/** One person standing in for another, for a time: what `from` may decide, `to` may decide as well. */
export const delegationSchema = z.object({
  id: z.string(),
  from: memberSchema,
  to: memberSchema,
  startsAt: instantSchema,
  endsAt: instantSchema,
  createdAt: instantSchema,
  createdBy: z.string(),
  revokedAt: instantSchema.nullable(),
  isActive: z.boolean(),
});
export type Delegation = z.infer<typeof delegationSchema>;

/** Query of `GET /v1/delegations`: those that are not over, or all. */
export const listDelegationsSchema = z.strictObject({
  ended: z.stringbool().default(false).describe("Also those that are over."),
});

/** Who is on call now, and who comes next. */
export const rotationViewSchema = z.object({
  name: z.string(),
  timeZone: z.string(),
  /** As the policy names them; null before the first turn. */
  onCall: z.string().nullable(),
  until: instantSchema.nullable(),
  next: z.string().nullable(),
});
export type RotationView = z.infer<typeof rotationViewSchema>;
