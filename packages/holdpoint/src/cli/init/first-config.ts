/** What `holdpoint init` writes: the agent of docs/tutorial/first-gated-agent.md, which a test keeps the same. */
export const FIRST_CONFIG = `import { appendFile } from "node:fs/promises";
import { defineAgent, defineConfig, defineTool } from "holdpoint";
import { z } from "zod";

const refund = defineTool({
  name: "refund",
  description: "Pays money back to a customer.",
  input: z.object({ order: z.int().positive(), amount: z.number().positive() }),
  reversibility: "irreversible",
  requiresConfirmation: true,
  async execute({ order, amount }) {
    await appendFile("refunds.txt", \`order \${order}: \${amount}\\n\`);
    return { refunded: amount };
  },
});

export default defineConfig({
  agents: [
    defineAgent({
      id: "shop_helper",
      name: "Shop Helper",
      model: "openai/gpt-5.2",
      instructions: "You help with orders. Refund what you are asked to refund.",
      tools: [refund],
      // Plays the model while there is no key: reads two numbers and calls the tool.
      script({ text, results }) {
        const [done] = results;
        if (done?.problem !== undefined) return { text: done.problem };
        if (done !== undefined) return { text: \`Done: \${JSON.stringify(done.result)}\` };
        const [order = 0, amount = 0] = Array.from(text.matchAll(/\\d+/g), ([digits]) => Number(digits));
        return { toolCalls: [{ name: "refund", arguments: { order, amount } }] };
      },
    }),
  ],
});
`;
