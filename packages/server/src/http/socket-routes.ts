import { instantSchema } from "@holdpoint/protocol";
import { z } from "zod";
import type { StreamTickets } from "../identity/stream-ticket.ts";
import { ProblemError } from "../problem.ts";
import { credentialHashOf } from "./credential.ts";
import { readerOfEvents, type EventRouteDeps } from "./event-routes.ts";
import { route, type App } from "./route.ts";
import { SOCKET_PATH } from "./socket-door.ts";

/** What is told of `/v1/ws` over plain HTTP, and the tickets for it. */
export function addSocketRoutes(app: App, deps: EventRouteDeps & { tickets: StreamTickets }): void {
  const tag = "Events";
  route(
    app,
    {
      method: "post",
      path: "/v1/ws-tickets",
      tag,
      summary: "A ticket for one WebSocket, for browsers that hold a key: good for 30 seconds, once",
      body: z.strictObject({}),
      responses: {
        201: {
          description: "Offered as the subprotocol `holdpoint.ticket.<ticket>` beside `holdpoint.v1`",
          schema: z.object({ ticket: z.string(), expiresAt: instantSchema }),
        },
      },
    },
    async (context) => {
      const credential = credentialHashOf(context);
      await readerOfEvents(deps.principals, credential);
      return context.json(deps.tickets.issue(credential), 201);
    },
  );
  route(
    app,
    {
      method: "get",
      path: SOCKET_PATH,
      tag,
      summary: "The events of `/v1/events` over a WebSocket",
      responses: { 101: { description: "A WebSocket; messages as the reference of events says" } },
    },
    async (context) => {
      // As every route: a stranger is told so first.
      await readerOfEvents(deps.principals, credentialHashOf(context));
      throw new ProblemError(
        "upgrade_required",
        "Open this as a WebSocket. If that is what you did, what stands before the service did not pass the upgrade on: a " +
          'proxy has to be told to, and an own server has to hand it over: server.on("upgrade", holdpoint.upgrade). ' +
          "GET /v1/events tells the same over plain HTTP.",
        { headers: { upgrade: "websocket", connection: "Upgrade" } },
      );
    },
  );
}
