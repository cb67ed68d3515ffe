import { z } from "zod";
import { instantSchema, textSchema } from "./instant.ts";
import { jsonObjectSchema, jsonValueSchema } from "./json-schema.ts";

/** Who stepped in: a member, or the agent's own key. */
export const steererSchema = z.object({
  kind: z.enum(["member", "agent"]),
  id: z.string(),
  name: z.string().nullable(),
});

/** Body of `POST /v1/runs/{id}/messages`. */
export const tellRunSchema = z.strictObject({ text: textSchema(20_000, 1) });
export type TellRun = z.infer<typeof tellRunSchema>;

/** A word from an operator to the agent. */
export const runNoteSchema = z.object({
  id: z.string(),
  runId: z.string(),
  text: z.string(),
  by: steererSchema,
  createdAt: instantSchema,
  heardStep: z
    .int()
    .nullable()
    .describe("The step before which the model was told; null: not yet, or the run ended before it was."),
});
export type RunNote = z.infer<typeof runNoteSchema>;

const reasonSchema = textSchema(2_000, 1);

/**
 * Body of `POST /v1/runs/{id}/calls/{callId}/result`: what came of a call that a person took over. Exactly one of `result`
 * and `error`.
 */
export const giveResultSchema = z
  .strictObject({
    result: jsonValueSchema.optional(),
    error: textSchema(4_000, 1).optional().describe("It failed: what the model is told."),
    reason: reasonSchema,
  })
  .refine((body) => ("result" in body && body.result !== undefined) !== (body.error !== undefined), {
    message: "give either result or error",
  });
export type GiveResult = z.infer<typeof giveResultSchema>;

/** Body of `POST /v1/runs/{id}/calls/{callId}/withdraw`. */
export const withdrawCallSchema = z.strictObject({ reason: reasonSchema });
export type WithdrawCall = z.infer<typeof withdrawCallSchema>;

/** Body of `POST /v1/runs/{id}/calls/{callId}/amend`. */
export const amendCallSchema = z.strictObject({ arguments: jsonObjectSchema, reason: reasonSchema });
export type AmendCall = z.infer<typeof amendCallSchema>;

/** Body of `POST /v1/runs/{id}/fork`. */
export const forkRunSchema = z.strictObject({
  fromStep: z
    .int()
    .min(1)
    .max(1_000_000_000)
    .describe("The model is asked anew what it was asked in this step."),
  message: textSchema(200_000, 1)
    .optional()
    .describe("Told after everything that the model saw then, as the user's."),
  reason: reasonSchema.optional(),
});
export type ForkRun = z.infer<typeof forkRunSchema>;

/** What people did to a call. */
export const callSteeringSchema = z.object({
  action: z.enum(["taken_over", "withdrawn", "amended"]),
  by: steererSchema,
  at: instantSchema,
  reason: z.string(),
});

/** How long a run has been in which state, in milliseconds. */
export const runTimeSchema = z.object({
  queuedMs: z.int(),
  runningMs: z.int(),
  holdingMs: z.int(),
  pausedMs: z.int(),
});

/** What the models have cost by the prices of the config; null where one that was asked has no price there. */
export const costSchema = z.object({ currency: z.string(), amount: z.number() }).nullable();
export type Cost = z.infer<typeof costSchema>;
