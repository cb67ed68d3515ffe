import { defineTool, type ToolContext } from "holdpoint";
import { z } from "zod";
import { WEEKDAYS } from "./service/calendar.ts";
import { calendarAddress } from "./settings.ts";

const PROVIDER = "calendar";
const READ = ["calendar.read"];
const WRITE = ["calendar.write"];

const day = z.enum(WEEKDAYS).describe("Which day of the coming week.");
const time = z
  .string()
  .regex(/^([01]\d|2[0-3]):[0-5]\d$/)
  .describe("When, as 24-hour HH:MM.");

interface Event {
  id: string;
  time: string;
  title: string;
}

/** Reads. Who has not connected their calendar yet is asked for it first, and knows what for. */
export const listEvents = defineTool({
  name: "list_events",
  description: "The events of one day in the user's calendar.",
  input: z.object({ day }),
  reversibility: "reversible",
  idempotent: true,
  connections: [{ provider: PROVIDER, scopes: READ, purpose: "To see what is on your calendar." }],
  async execute({ day: wanted }, context) {
    return { day: wanted, events: await eventsOf(context, wanted) };
  },
});

/** A name may be several people's: then the user picks whom they meant. */
export const findContact = defineTool({
  name: "find_contact",
  description: "Look a person up among the user's contacts, by name or part of it.",
  input: z.object({ name: z.string().min(1).max(100) }),
  reversibility: "reversible",
  idempotent: true,
  connections: [{ provider: PROVIDER, scopes: READ, purpose: "To find whom you mean among your contacts." }],
  chooseFrom: {
    above: 1,
    label: ({ name, email }: { name: string; email: string }) => `${name} <${email}>`,
    value: "email",
    title: "Whom do you mean?",
  },
  async execute({ name }, context) {
    const query = new URLSearchParams({ name });
    return (await request<{ contacts: object[] }>(context, READ, `/contacts?${query.toString()}`)).contacts;
  },
});

/** Asks in the middle of its work, with what it has found out by then. */
export const findTime = defineTool({
  name: "find_time",
  description: "Find a free hour on one day; the user picks which.",
  input: z.object({ day, title: z.string().min(1).max(200) }),
  reversibility: "reversible",
  idempotent: true,
  connections: [{ provider: PROVIDER, scopes: READ, purpose: "To see when you are free." }],
  async execute({ day: wanted, title }, context) {
    const taken = new Set((await eventsOf(context, wanted)).map((event) => event.time.slice(0, 2)));
    const free = ["09:00", "11:00", "13:00", "15:00", "17:00"].filter((slot) => !taken.has(slot.slice(0, 2)));
    const chosen = await context.ask.choice("time", free, { title: `When on ${wanted}: ${title}?` });
    return { day: wanted, time: chosen };
  },
});

/** Writes into somebody's calendar, so a person confirms. The same call makes one event, however often it is sent. */
export const createEvent = defineTool({
  name: "create_event",
  description: "Put an event into the user's calendar.",
  input: z.object({ day, time, title: z.string().min(1).max(200) }),
  reversibility: "partially_reversible",
  requiresConfirmation: true,
  idempotent: true,
  connections: [{ provider: PROVIDER, scopes: WRITE, purpose: "To put an event into your calendar." }],
  title: (args) => `Book “${args.title}” on ${args.day} at ${args.time}`,
  execute: (event, context) => request<Event>(context, WRITE, "/events", event),
});

async function eventsOf(context: ToolContext, wanted: string): Promise<Event[]> {
  return (await request<{ events: Event[] }>(context, READ, `/events?day=${wanted}`)).events;
}

/** One request to the calendar as the user. What it says when it does not want to is told to the model. */
async function request<Answer>(
  context: ToolContext,
  scopes: readonly string[],
  path: string,
  body?: object,
): Promise<Answer> {
  const connection = await context.connection(PROVIDER, scopes, { purpose: "To use your calendar." });
  const response = await connection.fetch(
    calendarAddress() + path,
    body && {
      method: "POST",
      headers: { "content-type": "application/json", "idempotency-key": context.idempotencyKey },
      body: JSON.stringify(body),
    },
  );
  const answer = (await response.json()) as Answer & { message?: string };
  if (!response.ok) throw new Error(`The calendar says: ${answer.message ?? response.status}`);
  return answer;
}
