import {
  createEndUserLinkSchema,
  createEndUserTokenSchema,
  endUserInputSchema,
  endUserLinkSchema,
  endUserLinkViewSchema,
  endUserSchema,
  endUserTokenSchema,
  listEndUsersSchema,
} from "@holdpoint/protocol";
import { z } from "zod";
import type { Database } from "../database/database.ts";
import type { EndUserLinks } from "../end-users/end-user-link.ts";
import { createEndUserToken } from "../end-users/end-user-token.ts";
import { getEndUser, listEndUsers, putEndUser } from "../end-users/end-user.ts";
import type { Secret } from "../identity/secret.ts";
import { ProblemError } from "../problem.ts";
import { credentialHashOf, pathParameter } from "./credential.ts";
import { idempotencyOf } from "./request.ts";
import { route, type App } from "./route.ts";

export interface EndUserRouteDeps {
  database: Database;
  secret: Secret;
  links: EndUserLinks;
}

/** End users, for the organisation's people and the app's backend. */
export function addEndUserRoutes(app: App, deps: EndUserRouteDeps): void {
  const tag = "End users";
  route(
    app,
    {
      method: "get",
      path: "/v1/end-users",
      tag,
      summary: "List the people that agents work for",
      query: listEndUsersSchema,
      responses: {
        200: {
          description: "A page, by id",
          schema: z.object({ data: z.array(endUserSchema), nextCursor: z.string().nullable() }),
        },
      },
    },
    async (context, { query }) =>
      context.json(await listEndUsers(deps.database, credentialHashOf(context), query)),
  );
  route(
    app,
    {
      method: "get",
      path: "/v1/end-users/{id}",
      tag,
      summary: "One of them",
      responses: { 200: { description: "The person", schema: endUserSchema } },
    },
    async (context) =>
      context.json(await getEndUser(deps.database, credentialHashOf(context), pathParameter(context, "id"))),
  );
  route(
    app,
    {
      method: "put",
      path: "/v1/end-users/{id}",
      tag,
      summary: "Say what the app knows of a person; made on first use",
      body: endUserInputSchema,
      responses: { 200: { description: "The person", schema: endUserSchema } },
    },
    async (context, { body }) =>
      context.json(await putEndUser(deps.database, credentialHashOf(context), newIdOf(context), body)),
  );
  addCredentialRoutes(app, deps, tag);
}

function addCredentialRoutes(app: App, deps: EndUserRouteDeps, tag: string): void {
  const linksPath = "/v1/end-users/{id}/links";
  route(
    app,
    {
      method: "post",
      path: linksPath,
      tag,
      summary: "Make a link to a person's questions, with the code that opens it",
      body: createEndUserLinkSchema,
      responses: { 201: { description: "Told this once", schema: endUserLinkSchema } },
    },
    async (context, { body }) =>
      context.json(await deps.links.createLink({ ...asked(context, body), ...body }), 201),
  );
  route(
    app,
    {
      method: "get",
      path: linksPath,
      tag,
      summary: "List a person's links",
      responses: {
        200: {
          description: "Newest first, at most 200",
          schema: z.object({ data: z.array(endUserLinkViewSchema) }),
        },
      },
    },
    async (context) =>
      context.json({
        data: await deps.links.listLinks(credentialHashOf(context), pathParameter(context, "id")),
      }),
  );
  route(
    app,
    {
      method: "delete",
      path: "/v1/end-users/{id}/links/{linkId}",
      tag,
      summary: "End a link, and the device that it was bound to",
      responses: { 200: { description: "The link", schema: endUserLinkViewSchema } },
    },
    async (context) =>
      context.json(
        await deps.links.revokeLink(
          credentialHashOf(context),
          pathParameter(context, "id"),
          pathParameter(context, "linkId"),
        ),
      ),
  );
  route(
    app,
    {
      method: "post",
      path: "/v1/end-users/{id}/tokens",
      tag,
      summary: "Make a short-lived token for the app's own page",
      body: createEndUserTokenSchema,
      responses: { 201: { description: "Told this once", schema: endUserTokenSchema } },
    },
    async (context, { body }) =>
      context.json(await createEndUserToken(deps, { ...asked(context, body), ...body }), 201),
  );
}

type RouteContext = Parameters<typeof credentialHashOf>[0];

function asked(context: RouteContext, body: object) {
  return {
    credentialHash: credentialHashOf(context),
    endUserId: newIdOf(context),
    idempotency: idempotencyOf(context, body),
  };
}

/** The app's own string, which is stored on first use: what cannot be one is said so. */
function newIdOf(context: RouteContext): string {
  const id = context.req.param("id") ?? "";
  if (id.length >= 1 && id.length <= 200 && !id.includes("\u0000") && id.isWellFormed()) return id;
  throw new ProblemError("invalid_request", "An end user's id has 1 to 200 characters, without U+0000.", {
    errors: [{ path: "id", message: "1 to 200 characters, without U+0000" }],
  });
}
