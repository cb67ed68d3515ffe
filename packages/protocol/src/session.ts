import { z } from "zod";
import { instantSchema, textSchema } from "./instant.ts";
import { jsonObjectSchema } from "./json-schema.ts";
import { runSummarySchema } from "./run.ts";

/** Query of `GET /v1/sessions`. */
export const listSessionsSchema = z.strictObject({
  endUserId: textSchema(200).optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
  cursor: z.string().max(1_000).optional(),
});

/** A conversation of several runs, as lists show it. The id is the app's own; a row is made on first use. */
export const sessionSummarySchema = z.object({
  id: z.string(),
  orgId: z.string(),
  endUserId: z.string().nullable(),
  runCount: z.int(),
  lastRun: runSummarySchema
    .nullable()
    .describe(
      "Null where no run is in it: only holds of agents elsewhere name it, or its runs were deleted.",
    ),
  createdAt: instantSchema,
  lastUsedAt: instantSchema.describe("When a run or hold was last made in it, to the minute."),
});
export type SessionSummary = z.infer<typeof sessionSummarySchema>;

/** A session asked for by id. */
export const sessionSchema = sessionSummarySchema.extend({
  endUser: z.object({ id: z.string(), name: z.string().nullable() }).nullable(),
  runs: z.array(runSummarySchema).describe("The last 50, in the order in which they were asked for."),
  messages: z
    .array(z.object({ runId: z.string(), message: jsonObjectSchema }))
    .describe("What was said in those runs, in order."),
});
export type Session = z.infer<typeof sessionSchema>;

/** What became of a session that was deleted. Of the log only commitments are left. */
export const sessionDeletedSchema = z.object({
  id: z.string(),
  runs: z.int(),
  holds: z.int(),
  entries: z.int().describe("Entries of the audit log that were erased."),
});
export type SessionDeleted = z.infer<typeof sessionDeletedSchema>;
