import { z } from "zod";
import { textSchema } from "./instant.ts";
import { ON_TIMEOUT, type OnTimeout } from "./legality.ts";
import { ON_NEW_MESSAGE } from "./on-new-message.ts";

/** What silence may mean by the wish of an agent that was made over the API: whatever releases nothing. */
const ON_TIMEOUT_OF_AGENT = ON_TIMEOUT.filter(
  (value): value is Exclude<OnTimeout, "approve"> => value !== "approve",
);

/** What an agent asks for beyond what its tool and the policy ask for: only ever stricter (I1, I13). */
export const toolSettingsSchema = z.strictObject({
  requiresConfirmation: z
    .literal(true, { error: "can only be true: an agent may demand confirmation, never lift it" })
    .optional()
    .describe("A person confirms each call, unless a standing permission covers it."),
  timeoutSeconds: z
    .int()
    .min(1)
    .max(31_536_000)
    .optional()
    .describe("Shortens what tool and policy give; stands where neither says anything."),
  onTimeout: z
    .enum(ON_TIMEOUT_OF_AGENT, {
      error: `must be one of ${ON_TIMEOUT_OF_AGENT.join(", ")}: silence that releases is not for an agent to ask for`,
    })
    .optional(),
});
export type ToolSettings = z.infer<typeof toolSettingsSchema>;

/** Body of `POST /v1/agents`. */
export const createAgentSchema = z.strictObject({
  id: z
    .string()
    .max(100)
    .regex(/^[a-z][a-z0-9_-]*$/, "must be lower-case letters, digits, _ and -, beginning with a letter")
    .refine((id) => id !== "hitl", "is reserved")
    .optional()
    .describe("Part of addresses. Default: one that is made here."),
  name: textSchema(200, 1),
  model: textSchema(200, 1)
    .optional()
    .describe("Such as `openai/gpt-5.2`. Default: that of the config's agent that has these tools."),
  instructions: textSchema(100_000).default(""),
  tools: z
    .array(textSchema(64, 1))
    .max(100)
    .refine((names) => new Set(names).size === names.length, "names a tool twice")
    .default([])
    .describe("Tools of the config's agents, by name."),
  toolSettings: z.record(textSchema(64, 1), toolSettingsSchema).default({}),
  markdown: z.boolean().default(false),
  maxSteps: z.int().min(1).max(1_000).default(10),
  onNewMessage: z.enum(ON_NEW_MESSAGE).default("queue"),
});
export type CreateAgent = z.infer<typeof createAgentSchema>;
