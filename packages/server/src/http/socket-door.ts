import { STATUS_CODES, type IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { textSchema } from "@holdpoint/protocol";
import type { Logger } from "pino";
import { WebSocketServer, type RawData, type WebSocket } from "ws";
import { z } from "zod";
import { SocketSink } from "../events/socket-sink.ts";
import type { Identity } from "../identity/identity.ts";
import { unauthorized } from "../identity/principal.ts";
import { ProblemError, renderProblem } from "../problem.ts";
import { toProblem } from "./errors.ts";
import { readerOfEvents, startingCursor, type EventRouteDeps } from "./event-routes.ts";
import { parseWith } from "./request.ts";

export const SOCKET_PATH = "/v1/ws";
/** What both sides speak. A browser's ticket is offered beside it, as a subprotocol of its own. */
const PROTOCOL = "holdpoint.v1";
const TICKET = "holdpoint.ticket.";
const MAX_MESSAGE_BYTES = 4_096;

const id = textSchema(200, 1);
const querySchema = z.strictObject({
  runId: id.optional(),
  holdId: id.optional(),
  after: textSchema(60, 1).optional(),
});
const messageSchema = z.strictObject({ type: z.literal("ack"), cursor: textSchema(60, 1) });

export interface SocketDoorDeps extends EventRouteDeps {
  identity: Pick<Identity, "hostCheck" | "credentialOf" | "tickets">;
  logger: Logger;
}

/** Takes a request to become a WebSocket: what a Node server tells its listeners of `upgrade`. */
export type UpgradeListener = (incoming: IncomingMessage, socket: Duplex, head: Buffer) => void;

/**
 * The door for `GET /v1/ws`: the events of `GET /v1/events` as messages.
 *
 * Whoever is refused gets the answer that a request gets, before there is a WebSocket: status, problem and all. A cookie
 * counts only from this server's own pages: browsers let any page open a WebSocket to any server, cookies included.
 */
export function createSocketDoor(deps: SocketDoorDeps): UpgradeListener {
  const server = new WebSocketServer({
    noServer: true,
    maxPayload: MAX_MESSAGE_BYTES,
    perMessageDeflate: false, // costs each client some 300 kB
    handleProtocols: (offered) => (offered.has(PROTOCOL) ? PROTOCOL : false),
  });

  async function open(incoming: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    // Null for what is no address, as `//`.
    const url = URL.parse(incoming.url ?? "/", "http://localhost");
    if (url?.pathname !== SOCKET_PATH) {
      const path = url?.pathname ?? incoming.url ?? "/";
      throw new ProblemError("not_found", `There is no WebSocket at ${path.slice(0, 200)}.`);
    }
    const credential = credentialOf(incoming);
    const query = parseWith(querySchema, Object.fromEntries(url.searchParams), "query");
    const { orgId, assertMayRead } = await readerOfEvents(deps.principals, credential);
    const { after, ...filter } = query;
    const cursor = await startingCursor(deps, after);
    deps.streams.assertRoom(credential);
    if (socket.destroyed) return;
    server.handleUpgrade(incoming, socket, head, (opened: WebSocket) => {
      try {
        const sink = new SocketSink(opened);
        opened.on("message", (data, isBinary) => takeMessage(opened, sink, data, isBinary));
        const source = deps.streams.sourceOf({ orgId, ...filter });
        deps.streams.open(source, { credential, assertMayRead, after: cursor }, () => sink);
      } catch (error) {
        opened.close(1013, toProblem(error).problemCode);
      }
    });
  }

  function credentialOf(incoming: IncomingMessage): string {
    const headers = new Headers();
    for (const [name, value] of Object.entries(incoming.headers)) {
      if (typeof value === "string") headers.set(name, value);
    }
    const url = `http://${incoming.headers.host ?? "localhost"}${incoming.url ?? "/"}`;
    deps.identity.hostCheck.assertOwnHost({ method: "GET", url, headers });
    const ticket = (headers.get("sec-websocket-protocol") ?? "")
      .split(",")
      .map((offered) => offered.trim())
      .find((offered) => offered.startsWith(TICKET));
    // As a request that changes something: a cookie must come with the Origin of one of this server's own pages.
    const hash =
      ticket === undefined
        ? deps.identity.credentialOf({ method: "POST", url, headers })?.hash
        : deps.identity.tickets.redeem(ticket.slice(TICKET.length));
    if (hash === undefined) throw unauthorized();
    return hash;
  }

  return (incoming, socket, head) => {
    socket.on("error", () => undefined); // a client that goes in the middle of it
    open(incoming, socket, head).catch((error: unknown) => {
      const problem = toProblem(error);
      if (problem.status >= 500) deps.logger.error({ err: error }, problem.message);
      refuse(socket, problem);
    });
  };
}

function takeMessage(opened: WebSocket, sink: SocketSink, data: RawData, isBinary: boolean): void {
  if (isBinary) return opened.close(1003, "text only");
  let message: z.output<typeof messageSchema>;
  try {
    message = messageSchema.parse(JSON.parse(textOf(data)));
  } catch {
    return opened.close(1007, 'expected {"type":"ack","cursor":"..."}');
  }
  if (!sink.acknowledge(message.cursor)) opened.close(1008, "that cursor was not sent here, or long ago");
}

function textOf(data: RawData): string {
  return (Array.isArray(data) ? Buffer.concat(data) : Buffer.from(data as Buffer)).toString("utf8");
}

function refuse(socket: Duplex, problem: ProblemError): void {
  if (socket.destroyed) return;
  const body = JSON.stringify(renderProblem(problem, ""));
  const headers = {
    ...problem.headers,
    "content-type": "application/problem+json",
    "content-length": String(Buffer.byteLength(body)),
    connection: "close",
  };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  socket.end(
    `HTTP/1.1 ${problem.status} ${STATUS_CODES[problem.status] ?? ""}\r\n${lines.join("\r\n")}\r\n\r\n${body}`,
  );
}
