import { z } from "zod";
import { defineConfig, type DefinedConfig } from "../../src/agents/config.ts";
import { defineService } from "../../src/transactions/service.ts";

/** What services of these tests were carried out with, in order. */
export interface Carried {
  serviceId: string;
  payload: unknown;
  intent: string | null;
  transactionId: string;
}

/** A restaurant that wants approvals of what is dear or personal, a shop that is new, a vault that always asks. */
export function amorceWorld(carried: Carried[], gate: { wait?: Promise<unknown> } = {}): DefinedConfig {
  return defineConfig({
    agents: [],
    services: [
      defineService({
        id: "restaurant",
        description: "Tables at Le Petit Bistro.",
        input: z.object({
          guests: z.number().int().optional(),
          eur: z.number().default(0),
          email: z.string().optional(),
        }),
        approval: ["high_value_transaction", "personal_data"],
        value: ({ eur }) => eur,
        execute(payload, { intent, transactionId }) {
          carried.push({ serviceId: "restaurant", payload, intent, transactionId });
          return intent === "check_availability" ? { offer: "7pm" } : { booked: true };
        },
      }),
      defineService({
        id: "shop",
        approval: ["first_time_service"],
        execute(payload, { intent, transactionId }) {
          carried.push({ serviceId: "shop", payload, intent, transactionId });
          return { ordered: true };
        },
      }),
      defineService({
        id: "vault",
        approval: "always",
        timeoutSeconds: 1,
        async execute(payload, { intent, transactionId }) {
          carried.push({ serviceId: "vault", payload, intent, transactionId });
          await gate.wait;
          if (payload["fail"] === true) throw new Error("The vault is stuck.");
          return { opened: true };
        },
      }),
      defineService({
        id: "deep_vault",
        approval: "always",
        timeoutSeconds: 300,
        async execute(payload, { intent, transactionId }) {
          carried.push({ serviceId: "deep_vault", payload, intent, transactionId });
          await gate.wait;
          return { opened: true };
        },
      }),
      defineService({ id: "undeclared", execute: () => null }),
      defineService({ id: "weather", reversibility: "reversible", execute: () => ({ sky: "blue" }) }),
    ],
  });
}
