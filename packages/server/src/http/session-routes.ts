import {
  listSessionsSchema,
  sessionDeletedSchema,
  sessionSchema,
  sessionSummarySchema,
} from "@holdpoint/protocol";
import { z } from "zod";
import type { Database } from "../database/database.ts";
import type { Wakeups } from "../events/wakeups.ts";
import type { Principals } from "../identity/principal.ts";
import { deleteSession } from "../sessions/delete-session.ts";
import { getSession, listSessions } from "../sessions/read-sessions.ts";
import { credentialHashOf, pathParameter } from "./credential.ts";
import { route, type App } from "./route.ts";

export interface SessionRouteDeps {
  database: Database;
  principals: Principals;
  wakeups: Pick<Wakeups, "publish">;
}

/** Conversations of several runs. */
export function addSessionRoutes(app: App, deps: SessionRouteDeps): void {
  const { database } = deps;
  const tag = "Sessions";
  route(
    app,
    {
      method: "get",
      path: "/v1/sessions",
      tag,
      summary: "List sessions, the one used last first",
      query: listSessionsSchema,
      responses: {
        200: {
          description: "A page",
          schema: z.object({ data: z.array(sessionSummarySchema), nextCursor: z.string().nullable() }),
        },
      },
    },
    async (context, { query }) =>
      context.json(await listSessions(database, credentialHashOf(context), query)),
  );
  route(
    app,
    {
      method: "get",
      path: "/v1/sessions/{id}",
      tag,
      summary: "One session with its runs and what was said in them",
      responses: { 200: { description: "The session", schema: sessionSchema } },
    },
    async (context) =>
      context.json(await getSession(database, credentialHashOf(context), pathParameter(context, "id"))),
  );
  route(
    app,
    {
      method: "delete",
      path: "/v1/sessions/{id}",
      tag,
      summary: "Delete a session with everything personal in it; the audit log keeps its proofs",
      responses: { 200: { description: "What is gone", schema: sessionDeletedSchema } },
    },
    async (context) => {
      const credentialHash = credentialHashOf(context);
      const deleted = await deleteSession(database, { credentialHash }, pathParameter(context, "id"));
      const { orgId } = await deps.principals.origin(credentialHash);
      deps.wakeups.publish([`org:${orgId}`]);
      return context.json(deleted);
    },
  );
}
