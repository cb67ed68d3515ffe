import type { CreateGrant, Grant } from "@holdpoint/protocol";
import { Command, InvalidArgumentError, Option } from "commander";
import { online, type Context, type OnlineOptions } from "../context.ts";
import { parseCount } from "../numbers.ts";
import { formatRelative } from "../terminal/duration.ts";
import { printable } from "../terminal/printable.ts";

interface CreateOptions extends OnlineOptions {
  hold?: string;
  tool?: string;
  condition?: string;
  anyArguments?: boolean;
  agent?: string;
  anyAgent?: boolean;
  endUser?: string;
  anyEndUser?: boolean;
  expiresIn: number;
  uses?: number;
  budget?: number;
  reason?: string;
}

export function grantsCommand(context: Context): Command {
  return new Command("grants")
    .description("standing permissions: what may proceed without asking, for a while")
    .addCommand(
      online(new Command("list"))
        .description("grants, newest first")
        .option("--active", "only those that still count")
        .option("--tool <name>", "only of that tool")
        .option("--agent <id>", "only for that agent")
        .action(context.run((options) => listGrants(context, options))),
    )
    .addCommand(
      online(new Command("show").argument("<id>"))
        .description("one grant with its uses")
        .action(context.run((id: string, options) => showGrant(context, id, options))),
    )
    .addCommand(
      online(new Command("create"))
        .description("let the decision on a hold stand, or allow a tool")
        .option("--hold <id>", "the approved hold: by default for exactly its arguments, agent and end user")
        .option("--tool <name>", "without a hold, for operators and admins")
        .option("--condition <cel>", "which calls, such as 'arguments.table_name == \"users\"'")
        .option("--any-arguments", "every call of the tool")
        .option("--agent <id>", "only for that agent")
        .option("--any-agent", "of a hold: not only for its agent")
        .option("--end-user <id>", "only for that end user")
        .option("--any-end-user", "of a hold: not only for its end user")
        .addOption(
          new Option("--expires-in <time>", "how long it counts, such as 30m, 12h or 7d; 365d at most")
            .argParser(parseTime)
            .makeOptionMandatory(),
        )
        .addOption(new Option("--uses <n>", "how often it counts").argParser(parseCount))
        .addOption(new Option("--budget <value>", "of its actions' values, together").argParser(parseBudget))
        .option("--reason <text>", "why, for the log")
        .action(context.run((options) => createGrant(context, options))),
    )
    .addCommand(
      online(new Command("revoke").argument("<id>"))
        .description("take a grant back, at once and everywhere")
        .action(context.run((id: string, options) => revokeGrant(context, id, options))),
    );
}

async function listGrants(
  context: Context,
  options: OnlineOptions & { active?: boolean; tool?: string; agent?: string },
): Promise<void> {
  const client = await context.connect(options);
  const grants: Grant[] = [];
  const { active, tool, agent: agentId } = options;
  for await (const grant of client.grants.list({ active, tool, agentId })) grants.push(grant);
  if (options.json === true) {
    context.console.json({ data: grants });
    return;
  }
  const now = context.world.now();
  for (const grant of grants) {
    const columns = [
      grant.id,
      grant.tool,
      stateOf(grant, now),
      leftOf(grant),
      grant.condition ?? "any arguments",
    ];
    context.console.data(columns.map((column) => printable(column)).join("\t"));
  }
  if (grants.length === 0) context.console.say("There is none.");
}

async function showGrant(context: Context, id: string, options: OnlineOptions): Promise<void> {
  const grant = await (await context.connect(options)).grants.get(id);
  if (options.json === true) {
    context.console.json(grant);
    return;
  }
  const now = context.world.now();
  const facts: [string, string][] = [
    ["tool", grant.tool],
    ["state", stateOf(grant, now)],
    ["left", leftOf(grant)],
    ["which calls", grant.condition ?? "any"],
    ["agent", grant.agentId ?? "any"],
    ["end user", grant.endUserId ?? "any"],
    ["given", `${formatRelative(grant.createdAt, now)} by ${grant.createdBy.name}`],
    ["of", grant.fromHoldId ?? "no hold"],
    ["reason", grant.reason ?? "none given"],
    ["uses", String(grant.usedCount)],
  ];
  for (const [name, value] of facts) context.console.data(`${name}\t${printable(value)}`);
  for (const use of grant.recentUses) {
    const value = use.value === null ? "" : `\tvalue ${use.value}`;
    context.console.data(`use\t${use.at}\t${printable(use.by)}\t${use.claimId}${value}`);
  }
}

async function createGrant(context: Context, options: CreateOptions): Promise<void> {
  const client = await context.connect(options);
  const grant = await client.grants.create({
    ...(options.hold !== undefined && { holdId: options.hold }),
    ...(options.tool !== undefined && { tool: options.tool }),
    ...chosen("condition", options.condition, options.anyArguments),
    ...chosen("agentId", options.agent, options.anyAgent),
    ...chosen("endUserId", options.endUser, options.anyEndUser),
    expiresInSeconds: options.expiresIn,
    ...(options.uses !== undefined && { uses: options.uses }),
    ...(options.budget !== undefined && { budget: options.budget }),
    ...(options.reason !== undefined && { reason: options.reason }),
  });
  if (options.json === true) {
    context.console.json(grant);
    return;
  }
  context.console.data(grant.id);
  context.console.say(
    `${printable(grant.tool)} may proceed until ${grant.expiresAt}, ${leftOf(grant)}: ${printable(grant.condition ?? "any arguments")}`,
  );
}

async function revokeGrant(context: Context, id: string, options: OnlineOptions): Promise<void> {
  const grant = await (await context.connect(options)).grants.revoke(id);
  if (options.json === true) context.console.json(grant);
  else context.console.say(`Nothing proceeds by ${grant.id} from now on.`);
}

/** A value, or null for "any"; left out, the hold's own is taken. */
function chosen<Name extends "condition" | "agentId" | "endUserId">(
  name: Name,
  value: string | undefined,
  isAny: boolean | undefined,
): Partial<Pick<CreateGrant, Name>> {
  if (value !== undefined) return { [name]: value } as Partial<Pick<CreateGrant, Name>>;
  return isAny === true ? ({ [name]: null } as Partial<Pick<CreateGrant, Name>>) : {};
}

function stateOf(grant: Grant, now: number): string {
  if (grant.revokedAt !== null) return `revoked ${formatRelative(grant.revokedAt, now)}`;
  if (Date.parse(grant.expiresAt) <= now) return "expired";
  return grant.isActive ? `until ${grant.expiresAt}` : "used up";
}

function leftOf({ uses, usesLeft, budget, budgetLeft }: Grant): string {
  const left = [
    ...(usesLeft === null ? [] : [`${usesLeft} of ${uses} uses left`]),
    ...(budgetLeft === null ? [] : [`${budgetLeft} of ${budget} left`]),
  ];
  return left.length === 0 ? "as often as wanted" : left.join(", ");
}

const SECONDS = { s: 1, m: 60, h: 3_600, d: 86_400 } as const;
const MAX_SECONDS = 365 * SECONDS.d;

function parseTime(text: string): number {
  const [, count, unit] = /^([1-9]\d{0,8})([smhd])$/.exec(text) ?? [];
  if (count === undefined || unit === undefined)
    throw new InvalidArgumentError("It is a number with a unit: 90s, 30m, 12h or 7d.");
  const seconds = Number(count) * SECONDS[unit as keyof typeof SECONDS];
  if (seconds < 60 || seconds > MAX_SECONDS)
    throw new InvalidArgumentError("It must be from 60s to 365d: every grant ends.");
  return seconds;
}

function parseBudget(text: string): number {
  const budget = Number(text);
  if (!/^\d/.test(text) || !(budget > 0)) throw new InvalidArgumentError("It must be a number above 0.");
  return budget;
}
