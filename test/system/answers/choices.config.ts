// An agent whose tool cannot go on without its end user's choice, and that keeps account of what it did with it.
import { defineAgent, defineConfig, defineTool } from "holdpoint";
import { z } from "zod";

/** Each person is offered options of their own, so that an answer that went astray shows. */
export function optionsOf(endUserId: string): string[] {
  return ["left", "middle", "right"].map((place) => `${place} of ${endUserId}`);
}

const pick = defineTool({
  name: "pick",
  description: "Asks which one, and takes it.",
  input: z.object({}),
  reversibility: "reversible",
  requiresConfirmation: false,
  idempotent: true,
  async execute(_args, { ask, endUser, database, toolCallId, runId }) {
    const endUserId = endUser?.id ?? "";
    const picked = await ask.choice("which", optionsOf(endUserId), { title: "Which one?" });
    // Idempotent as the world outside is to be: by the call. A process may die right after it.
    await database.query(
      `insert into public.picks (call_id, run_id, end_user_id, picked) values ($1, $2, $3, $4)
       on conflict (call_id) do update set times = picks.times + 1`,
      [toolCallId, runId, endUserId, picked],
    );
    return { picked };
  },
});

export default defineConfig({
  agents: [
    defineAgent({
      id: "clerk",
      name: "Clerk",
      model: "openai/gpt-5.2",
      instructions: "Let them pick.",
      tools: [pick],
      script: ({ results }) =>
        results.length === 0
          ? { toolCalls: [{ name: "pick", arguments: {} }] }
          : { text: results.map(({ result, problem }) => problem ?? JSON.stringify(result)).join("\n") },
    }),
  ],
  async setup({ database }) {
    await database.query(
      `create table if not exists public.picks (
        call_id text primary key, run_id text not null, end_user_id text not null, picked text not null,
        times integer not null default 1)`,
    );
    await database.query("grant select, insert, update on public.picks to hp_tools");
  },
});
