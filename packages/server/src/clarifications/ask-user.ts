import { z } from "zod";
import { defineTool, type DefinedTool } from "../agents/tool.ts";

export const ASK_USER = "ask_user";

/**
 * The built-in tool by which a model asks the person whom it works for (`mayAskUser`). Its words are the model's and are
 * shown as such: as guidance under a title of ours, never as a fact (I13).
 */
export const askUserTool: DefinedTool = defineTool({
  name: ASK_USER,
  description:
    "Ask the user whom you work for, when you cannot go on without something that only they know or may decide. " +
    "Their answer is the result. Ask one thing at a time, and nothing that a tool can find out.",
  input: z.object({
    question: z.string().min(1).max(4_000).describe("The question, in the user's language."),
    type: z
      .enum(["input", "choice", "verification"])
      .default("input")
      .describe("Free text, one of the options, or yes and no."),
    options: z
      .array(z.string().min(1).max(500))
      .max(100)
      .optional()
      .describe("For a choice: what to choose from."),
    multiple: z.boolean().optional().describe("For a choice: whether several may be chosen."),
  }),
  reversibility: "reversible",
  requiresConfirmation: false,
  async execute({ question, type, options, multiple }, { ask, agentId }) {
    const words = { title: `A question from ${agentId}`, guidance: question };
    switch (type) {
      case "choice":
        if (options === undefined || options.length === 0)
          throw new TypeError("A choice needs options. Give them, or ask for input.");
        return multiple === true
          ? ask.choice("question", options, { ...words, multiple: true })
          : ask.choice("question", options, words);
      case "verification":
        return ask.verify("question", words);
      default:
        return ask.input("question", z.string().min(1).max(20_000), words);
    }
  },
});
