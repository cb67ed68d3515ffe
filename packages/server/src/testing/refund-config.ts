import { z } from "zod";
import { defineAgent } from "../agents/agent.ts";
import { defineConfig, type DefinedConfig } from "../agents/config.ts";
import { defineTool } from "../agents/tool.ts";

/** A config with one tool, whose calls go nowhere: for tests of holds that agents elsewhere ask for. */
export function refundConfig(): DefinedConfig {
  return defineConfig({
    agents: [
      defineAgent({
        id: "billing",
        name: "Billing",
        model: "openai/gpt-5.2",
        instructions: "Refund orders.",
        script: () => ({ text: "Done." }),
        tools: [
          defineTool({
            name: "refund",
            description: "Refund an order.",
            input: z.object({
              order: z.number().int(),
              eur: z.number().positive(),
              note: z.string().default("none"),
            }),
            reversibility: "irreversible",
            execute: () => ({ refunded: true }),
          }),
          defineTool({
            name: "look_up",
            description: "Look an order up.",
            input: z.object({ order: z.number().int() }),
            reversibility: "reversible",
            execute: () => ({ found: true }),
          }),
        ],
      }),
    ],
  });
}
