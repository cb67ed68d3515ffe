import { z } from "zod";
import { agentTool } from "../../src/agents/agent-tool.ts";
import { defineAgent } from "../../src/agents/agent.ts";
import { defineConfig, type DefinedConfig } from "../../src/agents/config.ts";
import type { Script } from "../../src/agents/models/scripted-model.ts";
import { defineTool } from "../../src/agents/tool.ts";

/** What a story's test sees of its tools, and has in its hands. */
export interface Stage {
  /** What they have done, in order. */
  readonly deeds: string[];
  /** Lets the calls of `wait` that run go on. */
  release(): void;
  /** For the tool: resolves once it is released. */
  released(): Promise<void>;
}

export function createStage(): Stage {
  const waiting: (() => void)[] = [];
  return {
    deeds: [],
    release: () => waiting.splice(0).forEach((go) => go()),
    released() {
      const { promise, resolve } = Promise.withResolvers<void>();
      waiting.push(resolve);
      return promise;
    },
  };
}

/**
 * The agent of the stories: a line is a turn, `delete 5 users, notify 7` several calls of one turn; what comes after the last
 * line is the answer. Deterministic, so that a story can say each word.
 */
const script: Script = ({ text, results }) => {
  const lines = text.split("\n");
  let done = results.length;
  const turn = lines.findIndex((line) => (done -= line.split(", ").length) < 0);
  const line = lines[turn];
  if (line === undefined) {
    const told = results.map(({ name, problem, result }) => problem ?? `${name}: ${JSON.stringify(result)}`);
    return { text: told.join(" ") };
  }
  return {
    text: `Turn ${turn + 1}. `,
    toolCalls: line.split(", ").map((words) => {
      const [verb, value = "", ...rest] = words.split(" ");
      switch (verb) {
        case "delete":
          return {
            name: "delete_records",
            arguments: { table_name: rest[0] ?? "users", count: Number(value) },
          };
        case "notify":
          return { name: "send_notification", arguments: { user_id: Number(value) } };
        case "book":
          return { name: "book_room", arguments: { day: value } };
        case "plan":
          return { name: "plan_trip", arguments: { day: value } };
        case "wait":
          return { name: "wait", arguments: {} };
        case "ask":
          return { name: "data_manager", arguments: { input: [value, ...rest].join(" ") } };
        default:
          return { name: "query_users", arguments: {} };
      }
    }),
  };
};

/** A data manager whose tools only note what they did. */
export function stageConfig({ deeds, released }: Pick<Stage, "deeds" | "released">): DefinedConfig {
  const dangerous = { reversibility: "irreversible", requiresConfirmation: true } as const;
  const dataManager = defineAgent({
    id: "data_manager",
    name: "Data Manager",
    model: "openai/gpt-5.2",
    instructions: "Look after the users table.",
    script,
    tools: [
      defineTool({
        name: "delete_records",
        description: "Delete records.",
        input: z.object({ table_name: z.string(), count: z.int().positive() }),
        ...dangerous,
        execute: ({ table_name, count }) => {
          deeds.push(`delete ${count} ${table_name}`);
          return { deleted: count };
        },
      }),
      defineTool({
        name: "send_notification",
        description: "Notify somebody.",
        input: z.object({ user_id: z.int(), message: z.string().default("Hello.") }),
        ...dangerous,
        execute: ({ user_id, message }) => {
          deeds.push(`notify ${user_id} ${message}`);
          return { sent: true };
        },
      }),
      defineTool({
        name: "query_users",
        description: "Count users.",
        input: z.object({}),
        reversibility: "reversible",
        execute: () => ({ count: 300 }),
      }),
      defineTool({
        name: "wait",
        description: "Takes its time.",
        input: z.object({}),
        reversibility: "reversible",
        async execute() {
          await released();
          return "waited";
        },
      }),
      defineTool({
        name: "book_room",
        description: "Book a room.",
        input: z.object({ day: z.string() }),
        reversibility: "reversible",
        async execute({ day }, context) {
          const people = await context.ask.input("people", z.int().min(1), { title: "How many people?" });
          deeds.push(`book ${day} for ${JSON.stringify(people)}`);
          return { booked: day, people };
        },
      }),
      defineTool({
        name: "plan_trip",
        description: "Plan a trip.",
        input: z.object({ day: z.string() }),
        reversibility: "reversible",
        async execute({ day }, context) {
          const people = await context.ask.input("people", z.int().min(1), { title: "How many people?" });
          const rooms = await context.ask.input("rooms", z.int().min(1), { title: "How many rooms?" });
          return { day, people, rooms };
        },
      }),
    ],
  });
  const chief = defineAgent({
    id: "chief",
    name: "Chief",
    model: "openai/gpt-5.2",
    instructions: "Have others do the work.",
    script,
    tools: [agentTool(dataManager)],
  });
  return defineConfig({ agents: [dataManager, chief] });
}
