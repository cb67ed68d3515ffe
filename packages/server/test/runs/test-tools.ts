import { z } from "zod";
import type { Script } from "../../src/agents/models/scripted-model.ts";
import { defineTool, type DefinedTool } from "../../src/agents/tool.ts";

/** What tools did, in order. */
export interface Done {
  name: string;
  arguments: unknown;
  attempt: number;
}

export interface TestTools {
  done: Done[];
  tools: DefinedTool[];
}

/** `count` runs by itself; `delete` and `send` need a person; `put` is idempotent; `fail` fails. */
export function createTestTools(): TestTools {
  const done: Done[] = [];
  const note = (name: string, args: unknown, attempt: number): void =>
    void done.push({ name, arguments: args, attempt });
  return {
    done,
    tools: [
      defineTool({
        name: "count",
        description: "Counts.",
        input: z.object({ table: z.string() }),
        reversibility: "reversible",
        execute(args, { attempt }) {
          note("count", args, attempt);
          return { count: 300 };
        },
      }),
      defineTool({
        name: "delete",
        description: "Deletes.",
        input: z.object({
          table: z.string(),
          count: z.number().int().positive(),
          reason: z.string().default("none"),
        }),
        reversibility: "irreversible",
        requiresConfirmation: true,
        execute(args, { attempt }) {
          note("delete", args, attempt);
          return { deleted: args.count };
        },
      }),
      defineTool({
        name: "send",
        description: "Sends.",
        input: z.object({ to: z.string() }),
        requiresConfirmation: true,
        execute(args, { attempt }) {
          note("send", args, attempt);
          return "sent";
        },
      }),
      defineTool({
        name: "put",
        description: "Puts, safely twice.",
        input: z.object({ key: z.string() }),
        reversibility: "reversible",
        idempotent: true,
        execute(args, { attempt, idempotencyKey }) {
          note("put", { ...args, idempotencyKey }, attempt);
          return { put: true };
        },
      }),
      defineTool({
        name: "fail",
        description: "Fails.",
        input: z.object({}),
        reversibility: "reversible",
        execute() {
          throw new Error("The disk is on fire.");
        },
      }),
    ],
  };
}

/** `count users; delete 5` as one turn of two calls; turns are separated by ` then `; in the end it says what it heard. */
export const obey: Script = ({ text, results }) => {
  const turns = text.split(" then ").map((turn) => turn.split("; "));
  let told = results.length;
  for (const turn of turns) {
    if (told <= 0) return { text: `I will ${turn.join(" and ")}.`, toolCalls: turn.map(readCall) };
    told -= turn.length;
  }
  return {
    text: results
      .map(({ name, result, problem }) => problem ?? `${name}: ${JSON.stringify(result)}`)
      .join("\n"),
  };
};

function readCall(words: string): { name: string; arguments: Record<string, string | number> } {
  const [name = "", argument = ""] = words.split(" ");
  switch (name) {
    case "count":
      return { name, arguments: { table: argument } };
    case "delete":
      return { name, arguments: { table: "users", count: Number(argument) } };
    case "send":
      return { name, arguments: { to: argument } };
    case "put":
      return { name, arguments: { key: argument } };
    default:
      return { name, arguments: {} };
  }
}
