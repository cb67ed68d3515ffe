import type { Connection } from "@holdpoint/protocol";
import { Command, Option } from "commander";
import { online, type Context, type OnlineOptions } from "../context.ts";
import { UsageError } from "../exit-code.ts";
import { formatRelative } from "../terminal/duration.ts";
import { printable } from "../terminal/printable.ts";

interface AuthorizeOptions extends OnlineOptions {
  hold?: string;
  endUser?: string;
  provider?: string;
  scope?: string[];
}

export function connectionsCommand(context: Context): Command {
  return new Command("connections")
    .description("end users' sign-ins at providers")
    .addCommand(
      online(new Command("list"))
        .description("connections, newest first")
        .option("--end-user <id>", "only of that end user")
        .option("--provider <id>", "only at that provider")
        .action(context.run((options) => listConnections(context, options))),
    )
    .addCommand(
      online(new Command("authorize"))
        .description("the address at which an end user signs in: for one browser, once, within ten minutes")
        .addOption(
          new Option("--hold <id>", "for what that hold asks").conflicts(["endUser", "provider", "scope"]),
        )
        .option("--end-user <id>", "without a hold: whose account")
        .option("--provider <id>", "without a hold: where")
        .option("--scope <scope...>", "without a hold: what for")
        .action(context.run((options) => authorize(context, options))),
    )
    .addCommand(
      online(new Command("revoke").argument("<id>"))
        .description("end a connection, at the provider too where it offers that")
        .action(context.run((id: string, options) => revokeConnection(context, id, options))),
    );
}

async function listConnections(
  context: Context,
  options: OnlineOptions & { endUser?: string; provider?: string },
): Promise<void> {
  const client = await context.connect(options);
  const connections: Connection[] = [];
  const { endUser: endUserId, provider } = options;
  for await (const connection of client.connections.list({ endUserId, provider }))
    connections.push(connection);
  if (options.json === true) {
    context.console.json({ data: connections });
    return;
  }
  const now = context.world.now();
  for (const connection of connections) {
    const columns = [
      connection.id,
      connection.endUserId,
      connection.provider,
      connection.status,
      connection.account ?? "account unknown",
      connection.scopes.join(" "),
      connection.lastUsedAt === null ? "not used yet" : `used ${formatRelative(connection.lastUsedAt, now)}`,
    ];
    context.console.data(columns.map((column) => printable(column)).join("\t"));
  }
  if (connections.length === 0) context.console.say("There is none.");
}

async function authorize(context: Context, options: AuthorizeOptions): Promise<void> {
  const { hold, endUser, provider, scope = [] } = options;
  if (hold === undefined && (endUser === undefined || provider === undefined))
    throw new UsageError("Give --hold, or --end-user and --provider.");
  const client = await context.connect(options);
  const answer = await client.connections.authorize(
    hold === undefined
      ? { endUserId: endUser ?? "", provider: provider ?? "", scopes: scope }
      : { holdId: hold },
  );
  if (options.json === true) {
    context.console.json(answer);
    return;
  }
  context.console.data(answer.url);
  context.console.say("Whoever opens it connects their account. It works once, for ten minutes.");
}

const AT_PROVIDER = {
  revoked: "The provider has ended it too.",
  not_offered: "The provider offers no way to end it there.",
  failed: "The provider did not confirm it: its owner can end it in their account there.",
} as const;

async function revokeConnection(context: Context, id: string, options: OnlineOptions): Promise<void> {
  const revoked = await (await context.connect(options)).connections.revoke(id);
  if (options.json === true) context.console.json(revoked);
  else
    context.console.say(
      `${revoked.id} has ended: no tool gets its token any more. ${AT_PROVIDER[revoked.revokedAtProvider]}`,
    );
}
