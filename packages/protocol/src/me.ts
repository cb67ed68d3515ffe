import { z } from "zod";
import { instantSchema } from "./instant.ts";
import { ROLES } from "./legality.ts";

/** Whose credential a request brings: a person in a session or by operator key, or a machine. */
export const meSchema = z.object({
  orgId: z.string(),
  kind: z.enum(["session", "operator", "agent", "relay"]),
  memberId: z.string().nullable(),
  name: z.string().nullable(),
  role: z.enum(ROLES).nullable(),
  agentId: z.string().nullable(),
  scopes: z.array(z.string()),
  now: instantSchema.describe("The server's time, for pages that count down to a deadline."),
});
export type Me = z.infer<typeof meSchema>;
