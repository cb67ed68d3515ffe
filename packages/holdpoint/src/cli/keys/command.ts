import { KEY_KINDS, SCOPES, type ApiKey, type CreateKey } from "@holdpoint/protocol";
import { Command, Option } from "commander";
import { online, type Context, type OnlineOptions } from "../context.ts";
import { parseCount } from "../numbers.ts";
import { formatRelative } from "../terminal/duration.ts";
import { printable } from "../terminal/printable.ts";

interface CreateOptions extends OnlineOptions {
  name: string;
  kind: CreateKey["kind"];
  agent?: string;
  scope?: NonNullable<CreateKey["scopes"]>;
  expiresInDays?: number;
}

export function keysCommand(context: Context): Command {
  return new Command("keys")
    .description("credentials of machines")
    .addCommand(
      online(new Command("create"))
        .description("make a key; it is shown once, on stdout")
        .option("--name <text>", "what it is for", "made on the command line")
        .addOption(
          new Option("--kind <kind>", "agent keys ask and never decide; an operator key decides as its maker")
            .choices(KEY_KINDS)
            .default("agent"),
        )
        .option("--agent <id>", "the agent that will use it")
        .addOption(new Option("--scope <scope...>", "what it may do").choices(SCOPES))
        .addOption(new Option("--expires-in-days <days>", "from now on").argParser(parseCount))
        .action(context.run((options) => createKey(context, options))),
    )
    .addCommand(
      online(new Command("list"))
        .description("keys without their secrets")
        .action(context.run((options) => listKeys(context, options))),
    )
    .addCommand(
      online(new Command("revoke").argument("<id>"))
        .description("refuse a key from now on, everywhere")
        .action(context.run((id: string, options) => revokeKey(context, id, options))),
    );
}

async function createKey(context: Context, options: CreateOptions): Promise<void> {
  const client = await context.connect(options);
  const key = await client.keys.create({
    name: options.name,
    kind: options.kind,
    ...(options.agent === undefined ? {} : { agentId: options.agent }),
    ...(options.scope === undefined ? {} : { scopes: options.scope }),
    ...(options.expiresInDays === undefined ? {} : { expiresInDays: options.expiresInDays }),
  });
  if (options.json === true) {
    context.console.json(key);
    return;
  }
  context.console.data(key.key);
  context.console.say(
    `${key.id} (${printable(key.name)}, ${key.kind}): keep the key now, it is not shown again.`,
  );
}

async function listKeys(context: Context, options: OnlineOptions): Promise<void> {
  const client = await context.connect(options);
  const keys: ApiKey[] = [];
  for await (const key of client.keys.list()) keys.push(key);
  if (options.json === true) {
    context.console.json({ data: keys });
    return;
  }
  const now = context.world.now();
  for (const key of keys) {
    const columns = [
      key.id,
      key.kind,
      stateOf(key, now),
      key.agentId ?? key.memberId ?? "",
      key.scopes.join(" "),
    ];
    context.console.data([...columns, key.name].map((column) => printable(column)).join("\t"));
  }
  if (keys.length === 0) context.console.say("There is none.");
}

function stateOf(key: ApiKey, now: number): string {
  if (key.revokedAt !== null) return `revoked ${formatRelative(key.revokedAt, now)}`;
  if (key.expiresAt !== null && Date.parse(key.expiresAt) <= now) return "expired";
  return key.lastUsedAt === null ? "never used" : `used ${formatRelative(key.lastUsedAt, now)}`;
}

async function revokeKey(context: Context, id: string, options: OnlineOptions): Promise<void> {
  await (await context.connect(options)).keys.revoke(id);
  if (options.json === true) context.console.json({ id, revoked: true });
  else context.console.say(`${id} is refused from now on.`);
}
