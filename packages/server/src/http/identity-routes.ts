import { apiKeySchema, createKeySchema } from "@holdpoint/protocol";
import { z } from "zod";
import type { Identity } from "../identity/identity.ts";
import { addMemberSchema, memberSchema } from "../identity/member.ts";
import { credentialHashOf, pathParameter } from "./credential.ts";
import { idempotencyOf } from "./request.ts";
import { route, type App } from "./route.ts";

const pageSchema = z.strictObject({
  limit: z.coerce.number().int().min(1).max(200).default(50),
  cursor: z.string().max(1_000).optional(),
});
const linkSchema = z.object({ url: z.string(), expiresAt: z.string() });

/** Keys, members and sign-in. Sign-in itself answers pages, not problems. */
export function addIdentityRoutes(app: App, identity: Identity): void {
  const keys = "Keys";
  route(
    app,
    {
      method: "post",
      path: "/v1/api-keys",
      tag: keys,
      summary: "Make a key; its text is told this once",
      body: createKeySchema,
      responses: { 201: { description: "The key", schema: apiKeySchema.extend({ key: z.string() }) } },
    },
    async (context, { body }) =>
      context.json(
        await identity.keys.createKey(credentialHashOf(context), body, idempotencyOf(context, body)),
        201,
      ),
  );
  route(
    app,
    {
      method: "get",
      path: "/v1/api-keys",
      tag: keys,
      summary: "List keys",
      query: pageSchema,
      responses: {
        200: {
          description: "A page",
          schema: z.object({ data: z.array(apiKeySchema), nextCursor: z.string().nullable() }),
        },
      },
    },
    async (context, { query }) =>
      context.json(await identity.keys.listKeys(credentialHashOf(context), query)),
  );
  route(
    app,
    {
      method: "delete",
      path: "/v1/api-keys/{id}",
      tag: keys,
      summary: "Revoke a key, at once",
      responses: { 200: { description: "The revoked key", schema: apiKeySchema } },
    },
    async (context) =>
      context.json(await identity.keys.revokeKey(credentialHashOf(context), pathParameter(context, "id"))),
  );
  const members = "Members";
  route(
    app,
    {
      method: "post",
      path: "/v1/members",
      tag: members,
      summary: "Add a person, with a sign-in link for them",
      body: addMemberSchema,
      responses: {
        201: {
          description: "The member and their link",
          schema: z.object({ member: memberSchema, signInLink: linkSchema }),
        },
      },
    },
    async (context, { body }) =>
      context.json(
        await identity.members.addMember(credentialHashOf(context), body, idempotencyOf(context, body)),
        201,
      ),
  );
  route(
    app,
    {
      method: "get",
      path: "/v1/members",
      tag: members,
      summary: "List members",
      query: pageSchema,
      responses: {
        200: {
          description: "A page",
          schema: z.object({ data: z.array(memberSchema), nextCursor: z.string().nullable() }),
        },
      },
    },
    async (context, { query }) =>
      context.json(await identity.members.listMembers(credentialHashOf(context), query)),
  );
  route(
    app,
    {
      method: "delete",
      path: "/v1/members/{id}",
      tag: members,
      summary: "Remove a person: their sessions and keys end at once",
      responses: { 200: { description: "The member", schema: memberSchema } },
    },
    async (context) =>
      context.json(
        await identity.members.removeMember(credentialHashOf(context), pathParameter(context, "id")),
      ),
  );
  route(
    app,
    {
      method: "post",
      path: "/v1/members/{id}/sign-in-link",
      tag: members,
      summary: "A one-time sign-in link for a member",
      responses: { 201: { description: "The link", schema: linkSchema } },
    },
    async (context) =>
      context.json(
        await identity.links.createSignInLink(
          credentialHashOf(context),
          pathParameter(context, "id"),
          idempotencyOf(context, { memberId: pathParameter(context, "id") }),
        ),
        201,
      ),
  );
  for (const path of ["/sign-in", "/sign-in/:token"])
    app.all(path, (context) => identity.signIn.answerSignIn(context.req.raw));
  app.all("/sign-out", (context) => identity.signIn.answerSignOut(context.req.raw));
  app.all("/api/auth/*", (context) => identity.auth.answer(context.req.raw));
  app.get("/.well-known/jwks.json", async (context) => context.json(await identity.claims.jwks()));
}
