import type { Holdpoint } from "@holdpoint/client";
import type { Ordered } from "@holdpoint/protocol";
import { Command } from "commander";
import { online, type Context, type OnlineOptions } from "../context.ts";
import { counted } from "../numbers.ts";
import { printable } from "../terminal/printable.ts";
import { listAgents, listTools } from "./list.ts";

export interface OrderOptions extends OnlineOptions {
  reason?: string;
}

interface Order {
  name: string;
  description: string;
  /** A kill-switch says why. */
  needsReason?: true;
  give: (client: Holdpoint, id: string, options: { reason: string | undefined }) => Promise<Ordered>;
}

const AGENT_ORDERS: readonly Order[] = [
  {
    name: "pause",
    description: "pause all runs of an agent, also those that are made later",
    give: (client, id, options) => client.agents.pause(id, options),
  },
  {
    name: "resume",
    description: "lift the pause; what somebody paused alone stays paused",
    give: (client, id, options) => client.agents.resume(id, options),
  },
  {
    name: "hold",
    description: "kill-switch: whatever the agent wants to do from now on waits for a person",
    needsReason: true,
    give: (client, id, { reason = "" }) => client.agents.hold(id, reason),
  },
  {
    name: "release",
    description: "lift the kill-switch; what is held already stays held",
    give: (client, id, options) => client.agents.release(id, options),
  },
];

const TOOL_ORDERS: readonly Order[] = [
  {
    name: "hold",
    description: "kill-switch: every call of the tool waits for a person, whatever the policy says",
    needsReason: true,
    give: (client, id, { reason = "" }) => client.tools.hold(id, reason),
  },
  {
    name: "release",
    description: "lift the kill-switch; what is held already stays held",
    give: (client, id, options) => client.tools.release(id, options),
  },
];

const SESSION_ORDERS: readonly Order[] = [
  {
    name: "pause",
    description: "pause all runs of a session, also those that are made later",
    give: (client, id, options) => client.sessions.pause(id, options),
  },
  {
    name: "resume",
    description: "lift the pause; what somebody paused alone stays paused",
    give: (client, id, options) => client.sessions.resume(id, options),
  },
];

export function agentsCommand(context: Context): Command {
  const agents = new Command("agents")
    .description("agents: pause all that one does, or let nothing of it through without a person")
    .addCommand(
      online(new Command("list"))
        .description("agents, each with what stands over it")
        .action(context.run((options: OnlineOptions) => listAgents(context, options))),
    );
  return addOrders(agents, context, "agent", AGENT_ORDERS);
}

export function toolsCommand(context: Context): Command {
  const tools = new Command("tools")
    .description("tools: let no call of one through without a person")
    .addCommand(
      online(new Command("list"))
        .description("tools of the config's agents, each with its kill-switch where it stands")
        .action(context.run((options: OnlineOptions) => listTools(context, options))),
    );
  return addOrders(tools, context, "tool", TOOL_ORDERS);
}

/** Adds what an operator does to all runs of a session. */
export function addSessionOrders(sessions: Command, context: Context): Command {
  addOrders(sessions, context, "id", SESSION_ORDERS);
  return sessions.addCommand(
    online(new Command("cancel").argument("<id>"))
      .description("end all runs of a session: holds are closed, and what is in flight is told to stop")
      .option("--reason <text>", REASON)
      .action(context.run((id: string, options: OrderOptions) => cancelSession(context, id, options))),
  );
}

const REASON = "kept in the log with who did it, and shown where it stands";

function addOrders(parent: Command, context: Context, subject: string, orders: readonly Order[]): Command {
  for (const { name, description, needsReason, give } of orders) {
    const command = online(new Command(name).argument(`<${subject}>`)).description(description);
    if (needsReason === true) command.requiredOption("--reason <text>", REASON);
    else command.option("--reason <text>", REASON);
    parent.addCommand(
      command.action(
        context.run(async (id: string, options: OrderOptions) => {
          const client = await context.connect(options);
          tellOrder(context, await give(client, id, { reason: options.reason }), options);
        }),
      ),
    );
  }
  return parent;
}

/** Pauses or resumes all runs of the organisation. */
export async function orderAll(
  context: Context,
  action: "pause" | "resume",
  options: OrderOptions,
): Promise<void> {
  const { runs } = await context.connect(options);
  const { reason } = options;
  const ordered = await (action === "pause" ? runs.pauseAll({ reason }) : runs.resumeAll({ reason }));
  tellOrder(context, ordered, options);
}

function tellOrder({ console }: Context, ordered: Ordered, options: OnlineOptions): void {
  if (options.json === true) console.json(ordered);
  else console.data(inWords(ordered));
  if (!ordered.isKnown && ordered.liftedAt === null)
    console.say(
      `The service knows no ${ordered.scope} ${printable(ordered.subject ?? "")}: the order counts for ones elsewhere, should the name be right.`,
    );
}

function inWords({ kind, scope, subject, liftedAt, runs }: Ordered): string {
  const over =
    scope === "all"
      ? "Everything"
      : `${scope[0]?.toUpperCase()}${scope.slice(1)} ${printable(subject ?? "")}`;
  if (kind === "hold")
    return liftedAt === null
      ? `${over} is held: what it does from now on waits for a person.`
      : `${over} is released; what is held already stays held.`;
  return liftedAt === null
    ? `${over} is paused: ${counted(runs, "run")} now, and those to come, each at its next interrupt point.`
    : `${over} is paused no more; ${counted(runs, "run")} ${runs === 1 ? "goes" : "go"} on.`;
}

async function cancelSession(context: Context, id: string, options: OrderOptions): Promise<void> {
  const { console } = context;
  const client = await context.connect(options);
  const { runs } = await client.sessions.cancel(id, { reason: options.reason });
  if (options.json === true) console.json({ sessionId: id, runs });
  else if (runs.length === 0) console.say("None of its runs is still going on.");
  else for (const run of runs) console.data(`${run.id} is ${run.status}.`);
}
