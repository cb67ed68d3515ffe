import { createGrantSchema, grantDetailSchema, grantSchema, listGrantsSchema } from "@holdpoint/protocol";
import { z } from "zod";
import { createGrant, getGrant, listGrants, revokeGrant, type GrantDeps } from "../policies/grants/grants.ts";
import { credentialHashOf, pathParameter } from "./credential.ts";
import { idempotencyOf } from "./request.ts";
import { route, type App } from "./route.ts";

const pageSchema = z.object({ data: z.array(grantSchema), nextCursor: z.string().nullable() });

/** Standing permissions: given by a person, bounded, listed, and taken back at once. */
export function addGrantRoutes(app: App, deps: GrantDeps): void {
  const tag = "Grants";
  route(
    app,
    {
      method: "post",
      path: "/v1/grants",
      tag,
      summary: "Let a decision stand, or allow a tool, for a while",
      body: createGrantSchema,
      responses: { 201: { description: "The grant", schema: grantSchema } },
    },
    async (context, { body }) =>
      context.json(
        await createGrant(deps, {
          credentialHash: credentialHashOf(context),
          body,
          idempotency: idempotencyOf(context, body),
        }),
        201,
      ),
  );
  route(
    app,
    {
      method: "get",
      path: "/v1/grants",
      tag,
      summary: "List grants, newest first",
      query: listGrantsSchema,
      responses: { 200: { description: "A page", schema: pageSchema } },
    },
    async (context, { query }) => context.json(await listGrants(deps, credentialHashOf(context), query)),
  );
  route(
    app,
    {
      method: "get",
      path: "/v1/grants/{id}",
      tag,
      summary: "One grant with its uses",
      responses: { 200: { description: "The grant", schema: grantDetailSchema } },
    },
    async (context) =>
      context.json(await getGrant(deps, credentialHashOf(context), pathParameter(context, "id"))),
  );
  route(
    app,
    {
      method: "delete",
      path: "/v1/grants/{id}",
      tag,
      summary: "Take a grant back, at once",
      responses: { 200: { description: "The revoked grant", schema: grantSchema } },
    },
    async (context) =>
      context.json(await revokeGrant(deps, credentialHashOf(context), pathParameter(context, "id"))),
  );
}
