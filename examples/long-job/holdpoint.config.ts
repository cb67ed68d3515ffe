import { defineAgent, defineConfig } from "holdpoint";
import { setUpInvoices, refillInvoices } from "./invoices-table.ts";
import { reminderScript } from "./scripted-model.ts";
import { countReminders, sendReminder, takeInvoices, waiveInvoice } from "./tools.ts";

export default defineConfig({
  agents: [
    defineAgent({
      id: "reminder_clerk",
      name: "Reminder Clerk",
      model: "openai/gpt-5.2",
      instructions:
        "You go through the overdue invoices. Take three at a time with take_invoices, until it gives you none. Send a " +
        "reminder for each; for one that is overdue for more than 730 days, waive all of it instead, with a short reason. " +
        "Make the calls for the three invoices in one turn. When an operator or reviewer says something, go by it from " +
        "then on; a customer that is to be left out goes into leave_out. At the end say what was and was not done.",
      tools: [takeInvoices, sendReminder, waiveInvoice, countReminders],
      maxSteps: 60, // two for each three invoices, and some to spare
      script: reminderScript, // without a model key
    }),
  ],
  setup: setUpInvoices,
  demo: { reset: refillInvoices },
});
