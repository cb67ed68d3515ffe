import type { JsonObject, Session, SessionSummary } from "@holdpoint/protocol";
import { Command, Option } from "commander";
import { online, type Context, type OnlineOptions } from "../context.ts";
import { addSessionOrders } from "../orders/command.ts";
import { counted, parseCount } from "../numbers.ts";
import { confirmDeletion } from "../terminal/confirm-deletion.ts";
import { formatRelative } from "../terminal/duration.ts";
import { printable } from "../terminal/printable.ts";

const DEFAULT_LIMIT = 50;

export function sessionsCommand(context: Context): Command {
  const sessions = new Command("sessions")
    .description("conversations of several runs")
    .addCommand(
      online(new Command("list"))
        .description("sessions, the one used last first")
        .option("--end-user <id>", "of this person")
        .addOption(new Option("--limit <n>", "how many at most").argParser(parseCount).default(DEFAULT_LIMIT))
        .action(context.run((options) => listSessions(context, options))),
    )
    .addCommand(
      online(new Command("show").argument("<id>"))
        .description("what was said in one, run by run")
        .action(context.run((id: string, options) => showSession(context, id, options))),
    )
    .addCommand(
      online(new Command("delete").argument("<id>"))
        .description("delete one with everything personal in it; the audit log keeps its proofs (admins)")
        .option("--yes", "do not ask for confirmation")
        .action(context.run((id: string, options) => deleteSession(context, id, options))),
    );
  return addSessionOrders(sessions, context);
}

async function listSessions(
  context: Context,
  options: OnlineOptions & { endUser?: string; limit: number },
): Promise<void> {
  const { console, world } = context;
  const client = await context.connect(options);
  const found: SessionSummary[] = [];
  let hasMore = false;
  for await (const session of client.sessions.list({ endUserId: options.endUser })) {
    hasMore = found.length === options.limit;
    if (hasMore) break;
    found.push(session);
  }
  if (options.json === true) {
    console.json({ data: found, hasMore });
    return;
  }
  for (const { id, endUserId, runCount, lastRun, lastUsedAt } of found) {
    const columns = [
      printable(id),
      printable(endUserId ?? "-"),
      counted(runCount, "run"),
      lastRun?.status ?? "-",
    ];
    console.data([...columns, formatRelative(lastUsedAt, world.now())].join("\t"));
  }
  if (found.length === 0) console.say("There is none.");
  if (hasMore) console.say(`There are more: --limit ${options.limit * 2} shows them.`);
}

async function showSession(context: Context, id: string, options: OnlineOptions): Promise<void> {
  const session = await (await context.connect(options)).sessions.get(id);
  if (options.json === true) context.console.json(session);
  else for (const line of linesOf(context, session)) context.console.data(line);
}

function linesOf(context: Context, { id, endUser, runs, runCount, messages, lastUsedAt }: Session): string[] {
  const style = context.console.dataStyle;
  const person = endUser === null ? "" : ` with ${printable(endUser.name ?? endUser.id)}`;
  const shown = runCount > runs.length ? `, the last ${runs.length} of ${runCount} runs` : "";
  return [
    `${style.bold(printable(id))}${person}${style.dim(`  used ${formatRelative(lastUsedAt, context.world.now())}${shown}`)}`,
    ...runs.flatMap((run) => [
      "",
      `${style.bold(run.status)}  ${printable(run.agentId)}  ${style.dim(run.id)}`,
      ...messages.filter(({ runId }) => runId === run.id).flatMap(({ message }) => saidIn(message)),
    ]),
  ];
}

/** Every line begins with who spoke, so that no text can pose as somebody else's (I13). */
function saidIn({ role, content }: JsonObject): string[] {
  const parts = Array.isArray(content) ? content : [{ type: "text", text: content }];
  return parts.flatMap((part) => {
    const text = textOf(part);
    return text === ""
      ? []
      : printable(text, { isProse: true })
          .split("\n")
          .map((line) => `  ${printable(typeof role === "string" ? role : "?")}: ${line}`);
  });
}

function textOf(part: unknown): string {
  if (typeof part !== "object" || part === null) return "";
  const { type, text, toolName, input, output } = part as Record<string, unknown>;
  switch (type) {
    case "text":
      return typeof text === "string" ? text : "";
    case "tool-call":
      return `calls ${String(toolName)} ${JSON.stringify(input)}`;
    case "tool-result":
      return `${String(toolName)}: ${JSON.stringify((output as { value?: unknown; reason?: unknown }).value ?? (output as { reason?: unknown }).reason)}`;
    default:
      return "";
  }
}

async function deleteSession(
  context: Context,
  id: string,
  options: OnlineOptions & { yes?: boolean },
): Promise<void> {
  const { console } = context;
  const client = await context.connect(options);
  if (options.yes !== true) {
    const { runCount, endUserId } = await client.sessions.get(id);
    const whose = endUserId === null ? "" : ` of ${printable(endUserId)}`;
    await confirmDeletion(
      context,
      `Session ${printable(id)}${whose}: ${counted(runCount, "run")} with all that was said, called and decided.`,
    );
  }
  const deleted = await client.sessions.delete(id);
  if (options.json === true) console.json(deleted);
  else
    console.data(
      `${printable(deleted.id)} is deleted: ${counted(deleted.runs, "run")}, ${counted(deleted.holds, "hold")}; in the audit log ${counted(deleted.entries, "entry", "entries")} erased.`,
    );
}
