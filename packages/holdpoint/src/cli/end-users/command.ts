import { HoldpointApiError } from "@holdpoint/client";
import {
  isJsonObject,
  parseJson,
  type EndUser,
  type EndUserInput,
  type JsonObject,
} from "@holdpoint/protocol";
import { Command, InvalidArgumentError, Option } from "commander";
import { online, type Context, type OnlineOptions } from "../context.ts";
import { UsageError } from "../exit-code.ts";
import { parseCount } from "../numbers.ts";
import { formatRelative } from "../terminal/duration.ts";
import { printable } from "../terminal/printable.ts";

interface SetOptions extends OnlineOptions {
  name?: string;
  email?: string;
  phone?: string;
  data?: JsonObject;
  preferences?: JsonObject;
  clear?: (typeof CLEARABLE)[number][];
}

const CLEARABLE = ["name", "email", "phone"] as const;
const DEFAULT_LIMIT = 50;

export function endUsersCommand(context: Context): Command {
  return new Command("end-users")
    .description("the people that agents work for")
    .addCommand(
      online(new Command("list"))
        .description("end users by id, with how many questions wait for each")
        .option("--search <text>", "part of id, name, address or phone")
        .option("--open", "only those with open questions")
        .addOption(new Option("--limit <n>", "how many at most").argParser(parseCount).default(DEFAULT_LIMIT))
        .action(context.run((options) => listEndUsers(context, options))),
    )
    .addCommand(
      online(new Command("show").argument("<id>"))
        .description("what is known of one")
        .action(context.run((id: string, options) => showEndUser(context, id, options))),
    )
    .addCommand(
      online(new Command("set").argument("<id>"))
        .description("say what is known of one; what is not named stays")
        .option("--name <name>", "as agents and the record know them")
        .option("--email <address>", "their mail address")
        .option("--phone <number>", "their number")
        .addOption(
          new Option("--data <json>", "whatever else the app wants at hand; replaces").argParser(parseObject),
        )
        .addOption(
          new Option("--preferences <json>", "what agents are to know of them; replaces").argParser(
            parseObject,
          ),
        )
        .addOption(new Option("--clear <member...>", "take away").choices(CLEARABLE))
        .action(context.run((id: string, options) => setEndUser(context, id, options))),
    )
    .addCommand(
      online(new Command("link").argument("<id>"))
        .description("a link to their questions; the link and its code go to stdout")
        .addOption(
          new Option("--expires-in <time>", "how long it works, such as 2h or 7d; 30d at most").argParser(
            parseTime,
          ),
        )
        .action(context.run((id: string, options) => makeLink(context, id, options))),
    );
}

async function listEndUsers(
  context: Context,
  options: OnlineOptions & { search?: string; open?: boolean; limit: number },
): Promise<void> {
  const client = await context.connect(options);
  const found: EndUser[] = [];
  for await (const endUser of client.endUsers.list({ q: options.search, open: options.open })) {
    if (found.length === options.limit) {
      context.console.say(`There are more than ${options.limit}: --limit or --search.`);
      break;
    }
    found.push(endUser);
  }
  if (options.json === true) {
    context.console.json({ data: found });
    return;
  }
  if (found.length === 0) context.console.say("There is none.");
  for (const { id, openQuestions, name, email } of found) {
    context.console.data(
      [printable(id), `${openQuestions} open`, printable(name ?? "-"), printable(email ?? "-")].join("\t"),
    );
  }
}

async function showEndUser(context: Context, id: string, options: OnlineOptions): Promise<void> {
  const client = await context.connect(options);
  render(context, await client.endUsers.get(id), options);
}

async function setEndUser(context: Context, id: string, options: SetOptions): Promise<void> {
  const { name, email, phone, data, preferences, clear = [] } = options;
  const input: EndUserInput = {
    ...(name !== undefined && { name }),
    ...(email !== undefined && { email }),
    ...(phone !== undefined && { phone }),
    ...(data !== undefined && { additionalData: data }),
    ...(preferences !== undefined && { preferences }),
  };
  for (const member of clear) {
    if (input[member] !== undefined)
      throw new UsageError(`--${member} sets what --clear ${member} takes away.`);
    input[member] = null;
  }
  if (Object.keys(input).length === 0) throw new UsageError("Nothing to set: --name, --email, --phone, …");
  const client = await context.connect(options);
  render(context, await client.endUsers.set(id, input), options);
}

async function makeLink(
  context: Context,
  id: string,
  options: OnlineOptions & { expiresIn?: number },
): Promise<void> {
  const client = await context.connect(options);
  const { expiresIn } = options;
  const isNew = await client.endUsers.get(id).then(
    () => false,
    (error: unknown) => error instanceof HoldpointApiError && error.status === 404,
  );
  const link = await client.endUsers.createLink(
    id,
    expiresIn === undefined ? {} : { expiresInSeconds: expiresIn },
  );
  if (options.json === true) {
    context.console.json(link);
    return;
  }
  if (isNew)
    context.console.say(
      `No end user ${printable(id)} was known until now: is that how runs and holds call them?`,
    );
  context.console.data(link.url);
  context.console.data(link.code);
  context.console.say(
    `Send both to ${printable(id)} in one message. The first device that brings the code is the one it works on. It ends ${formatRelative(link.expiresAt, context.world.now())}.`,
  );
}

function render(context: Context, endUser: EndUser, options: OnlineOptions): void {
  if (options.json === true) {
    context.console.json(endUser);
    return;
  }
  const { id, name, email, phone, additionalData, preferences, openQuestions, updatedAt } = endUser;
  const rows: [string, string | null][] = [
    ["id", id],
    ["name", name],
    ["email", email],
    ["phone", phone],
    ["data", renderObject(additionalData)],
    ["preferences", renderObject(preferences)],
    ["open questions", String(openQuestions)],
    ["updated", formatRelative(updatedAt, context.world.now())],
  ];
  for (const [label, value] of rows)
    if (value !== null) context.console.data(`${label.padEnd(16)}${printable(value)}`);
}

function renderObject(value: JsonObject): string | null {
  return Object.keys(value).length === 0 ? null : JSON.stringify(value);
}

function parseObject(text: string): JsonObject {
  try {
    const value = parseJson(text);
    if (isJsonObject(value)) return value;
  } catch {
    // Told below.
  }
  throw new InvalidArgumentError('It must be a JSON object, such as {"language":"nb"}.');
}

function parseTime(text: string): number {
  const [, count = "", unit = ""] = /^(\d{1,6})([mhd])$/.exec(text) ?? [];
  const seconds = Number(count) * ({ m: 60, h: 3_600, d: 86_400 }[unit] ?? 0);
  if (seconds >= 60 && seconds <= 2_592_000) return seconds;
  throw new InvalidArgumentError("It must be a time such as 30m, 2h or 7d, from 1m to 30d.");
}
