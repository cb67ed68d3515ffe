import { defineAgent, defineConfig } from "holdpoint";
import { deleteRecords, queryUsers, sendNotification } from "./tools.ts";

/** The tools of the example without its policy: what they declare decides, until a test writes a policy. */
export default defineConfig({
  agents: [
    defineAgent({
      id: "data_manager",
      name: "Data Manager",
      model: "openai/gpt-5.2",
      instructions: "Never run here.",
      tools: [queryUsers, deleteRecords, sendNotification],
    }),
  ],
});
