import { textSchema } from "@holdpoint/protocol";
import { z } from "zod";
import type { Database } from "../database/database.ts";
import { currentCursor, resumeCursor, type EventCursor } from "../events/event-log.ts";
import { eventStreamResponse } from "../events/event-stream.ts";
import type { EventStreams } from "../events/event-streams.ts";
import { credentialHashOf } from "./credential.ts";
import { ALL_PEOPLE, requireRight, type Principals } from "../identity/principal.ts";
import { replyOf } from "./raw-reply.ts";
import { route, type App } from "./route.ts";

export interface EventRouteDeps {
  database: Database;
  principals: Principals;
  streams: EventStreams;
}

const id = textSchema(200, 1);
const streamSchema = z.strictObject({ runId: id.optional(), holdId: id.optional() });

export function addEventRoutes(app: App, deps: EventRouteDeps): void {
  route(
    app,
    {
      method: "get",
      path: "/v1/events",
      tag: "Events",
      summary: "Everything that happens in the organisation, as server-sent events",
      query: streamSchema,
      responses: {
        200: { description: "An event stream; resumes with Last-Event-ID", type: "text/event-stream" },
      },
    },
    async (context, { query }) => {
      const credential = credentialHashOf(context);
      const { orgId, assertMayRead } = await readerOfEvents(deps.principals, credential);
      return eventStreamResponse({
        streams: deps.streams,
        credential,
        filter: { orgId, ...query },
        assertMayRead,
        after: await startingCursor(deps, context.req.header("last-event-id")),
        ...replyOf(context),
      });
    },
  );
}

/** Whose events a credential may read, and the question whether it still may. Holds on to nothing of the request. */
export async function readerOfEvents(
  principals: Principals,
  credential: string,
): Promise<{ orgId: string; assertMayRead: () => Promise<unknown> }> {
  const right = { scopes: ["audit:read"], roles: ALL_PEOPLE };
  const who = await principals.get(credential);
  requireRight(who, right);
  return {
    orgId: who.orgId,
    assertMayRead: async () => requireRight(await principals.getAgain(credential), right),
  };
}

/** Where a stream begins: behind the cursor that its client has, or now. */
export function startingCursor(
  { database, streams }: Pick<EventRouteDeps, "database" | "streams">,
  last: string | undefined,
): Promise<EventCursor> {
  return last === undefined
    ? streams.reads.get("now", () => currentCursor(database))
    : resumeCursor(database, last);
}
