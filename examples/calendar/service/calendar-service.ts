import type { IncomingMessage, ServerResponse } from "node:http";
import { json } from "node:stream/consumers";
import { z } from "zod";
import type { KnownClient } from "../sign-in/sign-in-service.ts";
import { Calendar, WEEKDAYS } from "./calendar.ts";
import { HttpServer } from "./http-server.ts";

/** A running calendar. */
export interface CalendarService {
  readonly url: string;
  readonly calendar: Calendar;
  close(): Promise<void>;
}

interface Caller {
  person: string;
  scopes: readonly string[];
}

/** Said to the caller as it is. */
class Refusal extends Error {
  readonly status: number;
  readonly code: string;

  constructor(status: number, code: string, message: string) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

const daySchema = z.enum(WEEKDAYS);
const eventSchema = z.strictObject({
  day: daySchema,
  time: z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/),
  title: z.string().min(1).max(200),
});
const introspectionSchema = z.object({
  active: z.boolean(),
  sub: z.string().optional(),
  scope: z.string().optional(),
});

/**
 * Starts the calendar on loopback: `GET /events?day=`, `POST /events`, `DELETE /events/{id}`, `GET /contacts?name=`.
 * Every request is for whom its bearer token is; the sign-in service is asked each time, so that a token taken back is
 * worth nothing from that moment on.
 */
export async function startCalendarService(options: {
  port: number;
  issuer: string;
  client: KnownClient;
}): Promise<CalendarService> {
  const server = await HttpServer.listen(options.port);
  const calendar = new Calendar();
  server.answer(async (request, response) => {
    try {
      const caller = await identify(request, options);
      const { status, body } = await answer(calendar, caller, request);
      send(response, status, body);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      // RFC 6750, section 3: what is wrong with the token is said in this header.
      const isAboutToken = error.status === 401 || error.code === "insufficient_scope";
      const header = isAboutToken ? { "www-authenticate": `Bearer error="${error.code}"` } : {};
      send(response, error.status, { error: error.code, message: error.message }, header);
    }
  });
  return { url: server.url, calendar, close: () => server.close() };
}

async function answer(
  calendar: Calendar,
  { person, scopes }: Caller,
  request: IncomingMessage,
): Promise<{ status: number; body: unknown }> {
  const url = new URL(request.url ?? "/", "http://localhost");
  const eventId = /^\/events\/(\w+)$/.exec(url.pathname)?.[1];
  const door = `${request.method} ${eventId === undefined ? url.pathname : "/events/{id}"}`;
  switch (door) {
    case "GET /events": {
      need(scopes, "calendar.read");
      const day = parse(daySchema, url.searchParams.get("day"));
      return { status: 200, body: { day, events: calendar.list(person, day) } };
    }
    case "GET /contacts": {
      need(scopes, "calendar.read");
      return {
        status: 200,
        body: { contacts: calendar.findContacts(person, url.searchParams.get("name") ?? "") },
      };
    }
    case "POST /events": {
      need(scopes, "calendar.write");
      const event = parse(eventSchema, await json(request).catch(() => undefined));
      const key = request.headers["idempotency-key"];
      return { status: 201, body: calendar.add(person, event, typeof key === "string" ? key : undefined) };
    }
    case "DELETE /events/{id}": {
      need(scopes, "calendar.write");
      if (calendar.remove(person, eventId ?? "")) return { status: 200, body: { removed: true } };
      throw new Refusal(404, "not_found", `There is no event ${eventId}.`);
    }
    default:
      throw new Refusal(404, "not_found", `There is no ${door}.`);
  }
}

/** Whom the token is for, as the sign-in service says at this moment (RFC 7662). */
async function identify(
  request: IncomingMessage,
  { issuer, client }: { issuer: string; client: KnownClient },
): Promise<Caller> {
  const token = /^Bearer ([\w.~+/-]+=*)$/i.exec(request.headers.authorization ?? "")?.[1];
  if (token === undefined) throw new Refusal(401, "invalid_token", "There is no access token.");
  const response = await fetch(`${issuer}/token/introspection`, {
    method: "POST",
    headers: {
      authorization: `Basic ${Buffer.from(`${client.clientId}:${client.clientSecret}`).toString("base64")}`,
    },
    body: new URLSearchParams({ token, token_type_hint: "access_token" }),
  });
  if (!response.ok) throw new Error(`The sign-in service answered ${response.status}.`);
  const { active, sub, scope } = introspectionSchema.parse(await response.json());
  if (!active || sub === undefined) {
    throw new Refusal(401, "invalid_token", "The access token is not valid, or not any more.");
  }
  return { person: sub, scopes: scope?.split(" ") ?? [] };
}

function need(scopes: readonly string[], scope: string): void {
  if (!scopes.includes(scope)) {
    throw new Refusal(403, "insufficient_scope", `This needs the scope ${scope}.`);
  }
}

function parse<T>(schema: z.ZodType<T>, value: unknown): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new Refusal(400, "invalid_request", z.prettifyError(parsed.error));
}

function send(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
): void {
  response.writeHead(status, { "content-type": "application/json", "cache-control": "no-store", ...headers });
  response.end(JSON.stringify(body));
}
