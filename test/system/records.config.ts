// An agent over a real table that keeps account of what was done to it, so that a test can tell a second time from a first.
import { appendFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { defineAgent, defineConfig, defineTool, type Script, type ScriptReply } from "holdpoint";
import { z } from "zod";

/** How many records there are at first. */
const RECORDS = 5_000;

/** One line for each effect outside the database, in the file that RECORDS_OUTBOX names. */
function note(effect: object): void {
  appendFileSync(process.env["RECORDS_OUTBOX"] ?? "outbox.jsonl", `${JSON.stringify(effect)}\n`);
}

const countRecords = defineTool({
  name: "count_records",
  description: "Counts the records.",
  input: z.object({}),
  reversibility: "reversible",
  idempotent: true,
  async execute(_args, { database }) {
    const [row] = await database.query<{ count: number }>("select count(*) as count from records");
    return { count: row?.count ?? -1 };
  },
});

const deleteRecords = defineTool({
  name: "delete_records",
  description: "Deletes the oldest records.",
  input: z.object({ count: z.int().min(1).max(100) }),
  reversibility: "irreversible",
  requiresConfirmation: true,
  async execute({ count }, { database, toolCallId, attempt }) {
    // A record has one line in the account at most; who deleted it is in the same transaction as its deletion.
    const rows = await database.query(
      `with gone as (delete from records where id in (select id from records order by id limit $1) returning id)
       insert into deletions (record_id, call_id, attempt) select id, $2, $3 from gone returning record_id`,
      [count, toolCallId, attempt],
    );
    return { deleted: rows.length };
  },
});

const sendNotification = defineTool({
  name: "send_notification",
  description: "Notifies somebody.",
  input: z.object({ to: z.string() }),
  reversibility: "partially_reversible",
  requiresConfirmation: true,
  execute({ to }, { toolCallId, attempt }) {
    note({ type: "notification", to, toolCallId, attempt });
    return { sent: true };
  },
});

const rebuildIndex = defineTool({
  name: "rebuild_index",
  description: "Takes its time, and may be done again.",
  input: z.object({ seconds: z.number().max(60) }),
  reversibility: "reversible",
  idempotent: true,
  async execute({ seconds }, { toolCallId, attempt, signal }) {
    note({ type: "rebuild began", toolCallId, attempt, pid: process.pid });
    // The second worker is quick: the test waits for one to die over it, not for the work.
    if (attempt === 1) await delay(seconds * 1_000, undefined, { signal });
    note({ type: "rebuild ended", toolCallId, attempt, pid: process.pid });
    return { rebuilt: true };
  },
});

/** `count; delete 50; notify ada` is one turn of three calls; `then` parts turns. In the end it says what it heard. */
const obey: Script = ({ text, results }) => {
  const turns = text.split(" then ").map((turn) => turn.split("; "));
  let told = results.length;
  for (const turn of turns) {
    if (told <= 0) return { text: `I will ${turn.join(" and ")}.`, toolCalls: turn.map(readCall) };
    told -= turn.length;
  }
  const heard = results.map(({ name, result, problem }) => problem ?? `${name}: ${JSON.stringify(result)}`);
  return { text: heard.join("\n") };
};

function readCall(words: string): NonNullable<ScriptReply["toolCalls"]>[number] {
  const [verb = "", object = ""] = words.split(" ");
  switch (verb) {
    case "delete":
      return { name: "delete_records", arguments: { count: Number(object) } };
    case "notify":
      return { name: "send_notification", arguments: { to: object } };
    case "rebuild":
      return { name: "rebuild_index", arguments: { seconds: Number(object) } };
    default:
      return { name: "count_records", arguments: {} };
  }
}

export default defineConfig({
  agents: [
    defineAgent({
      id: "keeper",
      name: "Keeper",
      model: "openai/gpt-5.2",
      instructions: "Keep the records.",
      tools: [countRecords, deleteRecords, sendNotification, rebuildIndex],
      script: obey,
    }),
  ],
  async setup({ database }) {
    const [found] = await database.query("select 1 as one where to_regclass('public.records') is not null");
    if (found !== undefined) return;
    await database.query("create table public.records (id integer primary key)");
    await database.query(
      "create table public.deletions (record_id integer primary key, call_id text not null, attempt integer not null)",
    );
    await database.query(`insert into public.records select generate_series(1, ${RECORDS})`);
    await database.query("grant select, insert, delete on public.records, public.deletions to hp_tools");
  },
});
