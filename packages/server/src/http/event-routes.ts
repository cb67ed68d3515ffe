import { textSchema } from "@holdpoint/protocol";
import type { Logger } from "pino";
import { z } from "zod";
import type { Database } from "../database/database.ts";
import { currentCursor, resumeCursor } from "../events/event-log.ts";
import { eventStreamResponse } from "../events/event-stream.ts";
import type { Wakeups } from "../events/wakeups.ts";
import { credentialHashOf } from "./credential.ts";
import { ALL_PEOPLE, requireRight, type Principals } from "../identity/principal.ts";
import { route, type App } from "./route.ts";

export interface EventRouteDeps {
  database: Database;
  principals: Principals;
  wakeups: Wakeups;
  logger: Logger;
  stopping: AbortSignal;
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
      const reader = async () => {
        const principal = await deps.principals.get(credentialHashOf(context));
        requireRight(principal, { scopes: ["audit:read"], roles: ALL_PEOPLE });
        return principal;
      };
      const who = await reader();
      const last = context.req.header("last-event-id");
      return eventStreamResponse({
        ...deps,
        filter: { orgId: who.orgId, ...query },
        assertMayRead: reader,
        after:
          last === undefined ? await currentCursor(deps.database) : await resumeCursor(deps.database, last),
        signal: AbortSignal.any([context.req.raw.signal, deps.stopping]),
      });
    },
  );
}
