import type { Holdpoint, Member } from "@holdpoint/client";
import { ROLES, type Role } from "@holdpoint/protocol";
import { Command, Option } from "commander";
import { online, type Context, type OnlineOptions } from "../context.ts";
import { CommandError, EXIT } from "../exit-code.ts";
import { formatRelative } from "../terminal/duration.ts";
import { printable } from "../terminal/printable.ts";

interface AddOptions extends OnlineOptions {
  email: string;
  name: string;
  role: Role;
}

export function membersCommand(context: Context): Command {
  return new Command("members")
    .description("the people who decide and operate")
    .addCommand(
      online(new Command("add"))
        .description("add a person; their one-time sign-in link goes to stdout")
        .requiredOption("--email <address>", "their mail address")
        .requiredOption("--name <name>", "as the record of their decisions shows it")
        .addOption(new Option("--role <role>", "what they may do").choices(ROLES).makeOptionMandatory())
        .action(context.run((options) => addMember(context, options))),
    )
    .addCommand(
      online(new Command("list"))
        .description("who belongs to the organisation")
        .action(context.run((options) => listMembers(context, options))),
    );
}

export function loginLinkCommand(context: Context): Command {
  return online(new Command("login-link"))
    .description("a one-time link that signs a member in; the first admin unless told otherwise")
    .option("--member <id or address>", "for whom")
    .action(context.run((options) => printLoginLink(context, options)));
}

async function addMember(context: Context, options: AddOptions): Promise<void> {
  const client = await context.connect(options);
  const added = await client.members.add({ email: options.email, name: options.name, role: options.role });
  if (options.json === true) {
    context.console.json(added);
    return;
  }
  const { member, signInLink } = added;
  context.console.data(signInLink.url);
  context.console.say(
    `${printable(member.name)} is a member now (${member.id}, ${member.role}). The link works once, until ${signInLink.expiresAt}.`,
  );
}

async function listMembers(context: Context, options: OnlineOptions): Promise<void> {
  const members = await allMembers(await context.connect(options));
  if (options.json === true) {
    context.console.json({ data: members });
    return;
  }
  for (const { id, role, email, name } of members) {
    context.console.data([id, role, printable(email), printable(name)].join("\t"));
  }
}

async function printLoginLink(context: Context, options: OnlineOptions & { member?: string }): Promise<void> {
  const client = await context.connect(options);
  const members = await allMembers(client);
  const wanted = options.member;
  const member =
    wanted === undefined
      ? members.find(({ role }) => role === "admin")
      : members.find(({ id, email }) => id === wanted || email === wanted.toLowerCase());
  if (member === undefined) {
    throw new CommandError(
      `There is no member ${JSON.stringify(wanted ?? "with the role admin")}.`,
      EXIT.notFound,
    );
  }
  const link = await client.members.createSignInLink(member.id);
  if (options.json === true) context.console.json(link);
  else {
    context.console.data(link.url);
    context.console.say(
      `It signs ${printable(member.name)} in, once, and ends ${formatRelative(link.expiresAt, context.world.now())}.`,
    );
  }
}

async function allMembers(client: Holdpoint): Promise<Member[]> {
  const members: Member[] = [];
  for await (const member of client.members.list()) members.push(member);
  return members;
}
