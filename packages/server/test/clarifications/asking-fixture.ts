import type { Hold, Run } from "@holdpoint/protocol";
import pino from "pino";
import { z } from "zod";
import type { ToolContext } from "../../src/agents/tool-context.ts";
import { defineTool, type DefinedTool, type ToolOptions } from "../../src/agents/tool.ts";
import type { Script, ScriptReply } from "../../src/agents/models/scripted-model.ts";
import { Journal } from "../../src/runs/journal.ts";
import type { RunWork } from "../../src/runs/run-work.ts";
import type { TestStore } from "../../src/testing/stores.ts";
import type { RunFixture } from "../runs/run-fixture.ts";

/**
 * `book; pay` as one turn of two calls without arguments, `book {"day":1}` with some; turns are separated by ` then `. In the
 * end it says what it heard.
 */
export const callTools: Script = ({ text, results }): ScriptReply => {
  const turns = text.split(" then ").map((turn) => turn.split("; "));
  let told = results.length;
  for (const turn of turns) {
    if (told <= 0) return { toolCalls: turn.map(readCall) };
    told -= turn.length;
  }
  return {
    text: results
      .map(({ name, result, problem }) => problem ?? `${name}: ${JSON.stringify(result)}`)
      .join("\n"),
  };
};

function readCall(words: string): NonNullable<ScriptReply["toolCalls"]>[number] {
  const [name = "", ...rest] = words.split(" ");
  return { name, arguments: rest.length === 0 ? {} : JSON.parse(rest.join(" ")) };
}

/** A tool without arguments that runs by itself. */
export function askingTool(
  name: string,
  execute: (context: ToolContext) => unknown,
  more: Partial<ToolOptions> = {},
): DefinedTool {
  return defineTool({
    name,
    description: name,
    input: z.object({}),
    reversibility: "reversible",
    ...more,
    execute: (_args, context) => execute(context),
  });
}

/** The one question that is open. */
export function question(run: Run): Hold {
  const open = run.holds.filter(({ status, kind }) => status === "pending" && kind === "clarification");
  const [only] = open;
  if (only === undefined || open.length > 1) throw new Error(`There are ${open.length} questions open.`);
  return only;
}

export async function answer(fixture: RunFixture, hold: Hold, value: unknown): Promise<void> {
  await fixture.decide(hold.id, { verdict: "answer", answer: value as never });
}

/** What suspending and failing use of a worker's work on a run; nobody else must be at it. */
export async function workOn(
  { database }: TestStore,
  { organisation: { orgId }, wakeups }: RunFixture,
  runId: string,
): Promise<RunWork> {
  const [row] = await database.transaction(async (tx) => {
    await tx.query("select set_config('hp.org_id', $1, true)", [orgId]);
    return tx.query<{ lease_epoch: number }>("select lease_epoch from holdpoint.runs where id = $1", [runId]);
  });
  const journal = new Journal(
    {
      database,
      outdated: () => Promise.resolve(),
      published: (_lease, { holdIds }) =>
        wakeups.publish(["advance", `run:${runId}`, ...holdIds.map((id) => `hold:${id}`)]),
    },
    { orgId, runId, epoch: row?.lease_epoch ?? 0 },
  );
  const stopping = new AbortController().signal;
  return {
    journal,
    logger: pino({ level: "silent" }),
    stopping,
    lost: stopping,
    children: [],
  } as unknown as RunWork;
}
