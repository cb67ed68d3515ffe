import { eventSchema, jsonValueSchema, textSchema } from "@holdpoint/protocol";
import { z } from "zod";
import { listEntries } from "../audit/list-entries.ts";
import type { Database } from "../database/database.ts";
import { credentialHashOf } from "./credential.ts";
import { requireRight, type Principals } from "../identity/principal.ts";
import { route, type App } from "./route.ts";

const id = textSchema(200, 1).optional();
const querySchema = z.strictObject({
  runId: id,
  sessionId: id,
  holdId: id,
  agentId: id,
  actorId: id,
  about: z
    .enum(["hold", "action", "run", "audit"])
    .optional()
    .describe("The part of an event's type before its dot."),
  limit: z.coerce.number().int().min(1).max(200).default(50),
  cursor: z.string().max(1_000).optional(),
});
const text = z.string().nullable();
const entrySchema = z.object({
  eventType: z.string(),
  sessionId: text,
  agentId: text,
  actionType: text,
  actionPayload: jsonValueSchema,
  reviewerId: text,
  decision: text,
  timestamp: z.string(),
  rationale: text,
  event: eventSchema,
});

/** The log in pages, newest first: for the console. Reports are `GET /v1/audit`. */
export function addAuditEntryRoutes(app: App, deps: { database: Database; principals: Principals }): void {
  route(
    app,
    {
      method: "get",
      path: "/v1/audit/entries",
      tag: "Audit",
      summary: "Entries of the log in pages, newest first",
      query: querySchema,
      responses: {
        200: {
          description: "A page",
          schema: z.object({ data: z.array(entrySchema), nextCursor: z.string().nullable() }),
        },
      },
    },
    async (context, { query }) => {
      const who = await deps.principals.get(credentialHashOf(context));
      requireRight(who, {
        scopes: ["audit:read"],
        roles: ["viewer", "reviewer", "manager", "operator", "admin"],
      });
      const { limit, cursor, ...filter } = query;
      return context.json(await listEntries(deps.database, who.orgId, filter, { limit, cursor }));
    },
  );
}
