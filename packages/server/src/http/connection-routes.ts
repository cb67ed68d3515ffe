import {
  authorizeAnswerSchema,
  authorizeConnectionSchema,
  connectionSchema,
  isId,
  listConnectionsSchema,
} from "@holdpoint/protocol";
import { z } from "zod";
import { REVOKED_AT_PROVIDER, type Connections } from "../connections/connections.ts";
import { notAllowed, requireRight, type Principal, type Principals } from "../identity/principal.ts";
import { ProblemError } from "../problem.ts";
import { credentialHashOf, pathParameter } from "./credential.ts";
import { route, type App } from "./route.ts";

export interface ConnectionRouteDeps {
  connections: Connections;
  principals: Principals;
}

const pageSchema = z.object({ data: z.array(connectionSchema), nextCursor: z.string().nullable() });
/** Tells whose accounts are connected. */
const MAY_READ = { scopes: ["runs:*"], roles: ["manager", "operator", "admin"] } as const;
const MAY_END = { scopes: ["runs:*"], roles: ["operator", "admin"] } as const;
/**
 * Whoever has the way to a sign-in can go it: with an account of their own, or to say no, and it counts as the end user's. So
 * it takes what speaking for them takes; an agent with its own key would answer its own question (I9).
 */
const MAY_AUTHORIZE = { scopes: ["end_users:tokens"], roles: ["operator", "admin"] } as const;

/** End users' sign-ins at providers. Nothing of their tokens is ever answered. */
export function addConnectionRoutes(app: App, { connections, principals }: ConnectionRouteDeps): void {
  const tag = "Connections";
  route(
    app,
    {
      method: "get",
      path: "/v1/connections",
      tag,
      summary: "List end users' connections, newest first",
      query: listConnectionsSchema,
      responses: { 200: { description: "A page", schema: pageSchema } },
    },
    async (context, { query }) => {
      const principal = await principals.get(credentialHashOf(context));
      requireRight(principal, MAY_READ);
      const { cursor, limit, endUserId, provider } = query;
      if (cursor !== undefined && !isId("con", cursor)) {
        throw new ProblemError("invalid_request", "The cursor is not one that this list gave.", {
          errors: [{ path: "cursor", message: "is not one that this list gave" }],
        });
      }
      const found = await connections.list({
        orgId: principal.orgId,
        endUserId,
        provider,
        afterId: cursor,
        limit,
      });
      const data = found.slice(0, limit);
      return context.json({ data, nextCursor: found.length > limit ? (data.at(-1)?.id ?? null) : null });
    },
  );
  route(
    app,
    {
      method: "post",
      path: "/v1/connections/authorize",
      tag,
      summary: "The address behind the button with which an end user signs in at a provider",
      body: authorizeConnectionSchema,
      responses: {
        201: {
          description: "Where the browser goes: once, within ten minutes",
          schema: authorizeAnswerSchema,
        },
      },
    },
    async (context, { body }) => {
      const principal = await principals.get(credentialHashOf(context));
      requireRight(principal, MAY_AUTHORIZE);
      return context.json(
        await connections.authorize({ orgId: principal.orgId, need: body, agentId: principal.agentId }),
        201,
      );
    },
  );
  route(
    app,
    {
      method: "delete",
      path: "/v1/connections/{id}",
      tag,
      summary: "End a connection, at the provider too where it offers that",
      responses: {
        200: {
          description: "The revoked connection",
          schema: connectionSchema.extend({
            revokedAtProvider: z
              .enum(REVOKED_AT_PROVIDER)
              .describe("`failed`: the provider did not confirm it; here it has ended all the same."),
          }),
        },
      },
    },
    async (context) => {
      const principal = await principals.get(credentialHashOf(context));
      requireRight(principal, MAY_END);
      // A key of one agent does not end what other agents work with.
      if (principal.agentId !== undefined) throw notAllowed("a key that is not bound to one agent");
      return context.json(
        await connections.revoke({
          orgId: principal.orgId,
          connectionId: pathParameter(context, "id"),
          by: revokerOf(principal),
        }),
      );
    },
  );
}

function revokerOf({ memberId, memberName, agentId, principalId }: Principal) {
  return memberId === undefined
    ? ({ kind: "agent", id: agentId ?? principalId, name: agentId ?? null } as const)
    : ({ kind: "member", id: memberId, name: memberName ?? null } as const);
}
