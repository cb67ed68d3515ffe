import { z } from "zod";
import { instantSchema, textSchema } from "./instant.ts";

/** What operators order beyond a single run: `pause` stops runs, `hold` (a kill-switch) lets no action through by itself. */
export const ORDER_KINDS = ["pause", "hold"] as const;
export type OrderKind = (typeof ORDER_KINDS)[number];

/** Over what an order stands. A pause is over all runs, an agent's or a session's; a switch over an agent or a tool. */
export const ORDER_SCOPES = ["all", "agent", "session", "tool"] as const;
export type OrderScope = (typeof ORDER_SCOPES)[number];

const bySchema = z.object({ kind: z.string(), id: z.string(), name: z.string().nullable() });

/** An order of an operator that stands until it is lifted, also over what is made later. */
export const standingOrderSchema = z.object({
  kind: z.enum(ORDER_KINDS),
  scope: z.enum(ORDER_SCOPES),
  subject: z
    .string()
    .nullable()
    .describe("The id of the agent or session, the tool's name; null for all runs."),
  reason: z.string().nullable(),
  by: bySchema,
  createdAt: instantSchema,
  liftedAt: instantSchema.nullable(),
  liftedBy: bySchema.nullable(),
});
export type StandingOrder = z.infer<typeof standingOrderSchema>;

/** The answer to an order, and to lifting it. */
export const orderedSchema = standingOrderSchema.extend({
  runs: z.int().describe("How many runs it paused, resumed, or will at their next interrupt point."),
  isKnown: z
    .boolean()
    .describe("Whether the service knows that agent, session or tool; false may be a misspelt name."),
});
export type Ordered = z.infer<typeof orderedSchema>;

/** Body of `POST /v1/agents/{id}/hold` and `POST /v1/tools/{name}/hold`: a kill-switch says why. */
export const holdOrderSchema = z.strictObject({ reason: textSchema(2_000, 1) });

/** Body of every other order, and of lifting one. */
export const orderSchema = z.strictObject({ reason: textSchema(2_000, 1).optional() });
