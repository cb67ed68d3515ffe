import { defineAgent, defineConfig, defineProvider } from "holdpoint";
import { calendarScript } from "./scripted-model.ts";
import { CLIENT_ID, issuerAddress, SETTINGS } from "./settings.ts";
import { createEvent, findContact, findTime, listEvents } from "./tools.ts";

export default defineConfig({
  agents: [
    defineAgent({
      id: "calendar_assistant",
      name: "Calendar Assistant",
      model: "openai/gpt-5.2",
      instructions:
        "You look after the user's calendar with your tools, and do nothing that they did not ask for. Look a person up " +
        "before you book something with them. When the user does not let you, or a reviewer rejects, accept it and say so.",
      tools: [listEvents, findContact, findTime, createEvent],
      script: calendarScript, // without a model key
    }),
  ],
  providers: [
    defineProvider({
      id: "calendar",
      label: "Demo Calendar",
      issuer: issuerAddress(), // start.ts starts it
      clientId: CLIENT_ID,
      clientSecret: { env: SETTINGS.clientSecret },
      scopes: ["openid", "email", "offline_access"],
    }),
  ],
});
