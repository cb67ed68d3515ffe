import { defineConfig, defineService } from "holdpoint";
import { z } from "zod";

/** A restaurant's tables. Looking is free; what costs 100 and more, or names somebody, needs a person first. */
const restaurant = defineService({
  id: "le_petit_bistro",
  description: "Tables at Le Petit Bistro.",
  input: z.object({
    guests: z.number().int().positive(),
    time: z.string().optional(),
    deposit: z.number().nonnegative().default(0),
    phone: z.string().optional(),
  }),
  approval: ["high_value_transaction", "personal_data"],
  value: ({ deposit }) => deposit,
  execute({ guests, time = "19:00", deposit }, { intent, idempotencyKey }) {
    if (intent === "check_availability")
      return { content: `Table for ${guests} at ${time}`, deposit: guests * 30 };
    return { booked: { guests, time, deposit }, booking_id: idempotencyKey };
  },
});

export default defineConfig({ agents: [], services: [restaurant] });
