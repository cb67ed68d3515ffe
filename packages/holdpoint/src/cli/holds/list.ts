import type { Hold, HoldKind, HoldStatus } from "@holdpoint/protocol";
import type { Context, OnlineOptions } from "../context.ts";
import { formatRelative } from "../terminal/duration.ts";
import { printable } from "../terminal/printable.ts";
import { renderCard } from "./card.ts";
import { PROGRAM } from "./hints.ts";

export interface ListOptions extends OnlineOptions {
  status: HoldStatus | "all";
  kind?: HoldKind;
  agent?: string;
  run?: string;
  search?: string;
  limit: number;
}

export async function listHolds(context: Context, options: ListOptions): Promise<void> {
  const { console, world } = context;
  const client = await context.connect(options);
  const found: Hold[] = [];
  let hasMore = false;
  const holds = client.holds.list({
    status: options.status === "all" ? undefined : options.status,
    kind: options.kind,
    agentId: options.agent,
    runId: options.run,
    q: options.search,
    limit: Math.min(200, options.limit + 1),
  });
  for await (const hold of holds) {
    hasMore = found.length === options.limit;
    if (hasMore) break;
    found.push(hold);
  }
  if (options.json === true) {
    console.json({ data: found, hasMore });
    return;
  }
  const now = world.now();
  for (const hold of found) console.data(renderRow(hold, now));
  if (found.length === 0) console.say(emptyText(options.status));
  if (hasMore) console.say(`There are more: --limit ${options.limit * 2} shows them.`);
  else if (found.length > 0 && options.status === "pending")
    console.say(`Look at one with ${PROGRAM} holds show <id>`);
}

export async function showHold(context: Context, id: string, options: OnlineOptions): Promise<void> {
  const hold = await (await context.connect(options)).holds.get(id);
  if (options.json === true) context.console.json(hold);
  else context.console.data(renderCard(hold, { style: context.console.dataStyle, now: context.world.now() }));
}

/** One line: id, state, who asks for what, how long is left. Separated by tabs for `cut`. */
export function renderRow(hold: Hold, now: number): string {
  const forWhom = hold.endUserId === null ? "" : ` for ${hold.endUserId}`;
  const what = hold.action === null ? `${hold.kind}${forWhom}` : hold.action.name;
  const deadline =
    hold.status !== "pending" || hold.expiresAt === null
      ? formatRelative(hold.createdAt, now)
      : `ends ${formatRelative(hold.expiresAt, now)}`;
  return [
    hold.id,
    hold.status,
    printable(hold.agentId ?? hold.requester),
    printable(what),
    deadline,
    printable(hold.title),
  ].join("\t");
}

function emptyText(status: ListOptions["status"]): string {
  return status === "pending" ? "Nothing waits for a decision." : "There is none.";
}
