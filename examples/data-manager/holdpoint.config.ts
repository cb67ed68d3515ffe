import { defineAgent, defineConfig } from "holdpoint";
import { policy } from "./policy.ts";
import { dataManagerScript } from "./scripted-model.ts";
import { deleteRecords, queryUsers, sendNotification } from "./tools.ts";
import { reseedUsers, setUpUsers } from "./users-table.ts";

export default defineConfig({
  agents: [
    defineAgent({
      id: "data_manager",
      name: "Data Manager",
      model: "openai/gpt-5.2",
      instructions:
        "You look after the users table of a small company. Do what you are asked with your tools, and nothing more. " +
        "When a reviewer rejects or changes an action, accept it and say what was and was not done.",
      tools: [queryUsers, deleteRecords, sendNotification],
      markdown: true,
      script: dataManagerScript, // without a model key
    }),
  ],
  policy,
  setup: setUpUsers,
  demo: { reset: reseedUsers },
});
