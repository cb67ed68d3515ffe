import type { StandingOrder } from "@holdpoint/protocol";
import type { Context, OnlineOptions } from "../context.ts";
import { formatRelative } from "../terminal/duration.ts";
import { printable } from "../terminal/printable.ts";

/** Agents, a line each, with what stands over them; the pause of everything is said beside it. */
export async function listAgents(context: Context, options: OnlineOptions): Promise<void> {
  const { console } = context;
  const client = await context.connect(options);
  const agents = [];
  for await (const agent of client.agents.list()) agents.push(agent);
  if (options.json === true) {
    console.json({ data: agents });
    return;
  }
  for (const { id, name, source, paused, held } of agents) {
    const state = [describe(context, "paused", paused), describe(context, "held", held)].filter(
      (one) => one !== "",
    );
    const columns = [printable(id), printable(name), source === "external" ? "elsewhere" : "here"];
    console.data([...columns, state.join("; ") || "-"].join("\t"));
  }
  for await (const order of client.orders.list())
    if (order.scope === "all") console.say(`All runs are ${describe(context, "paused", order)}.`);
}

/** Tools of the config's agents, and those elsewhere that are held. */
export async function listTools(context: Context, options: OnlineOptions): Promise<void> {
  const { console } = context;
  const client = await context.connect(options);
  const tools = new Map<string, { name: string; agents: string[]; held: StandingOrder | null }>();
  for await (const agent of client.agents.list())
    for (const { name, held } of agent.tools) {
      const tool = tools.get(name) ?? { name, agents: [], held };
      tool.agents.push(agent.id);
      tools.set(name, tool);
    }
  for await (const order of client.orders.list())
    if (order.scope === "tool" && order.subject !== null && !tools.has(order.subject))
      tools.set(order.subject, { name: order.subject, agents: [], held: order });
  if (options.json === true) console.json({ data: [...tools.values()] });
  else
    for (const { name, agents, held } of tools.values())
      console.data(
        [
          printable(name),
          agents.map((id) => printable(id)).join(", ") || "elsewhere",
          describe(context, "held", held) || "-",
        ].join("\t"),
      );
}

function describe({ world }: Context, state: string, order: StandingOrder | null): string {
  if (order === null) return "";
  const why = order.reason === null ? "" : `: ${printable(order.reason)}`;
  return `${state} by ${printable(order.by.name ?? order.by.id)} ${formatRelative(order.createdAt, world.now())}${why}`;
}
