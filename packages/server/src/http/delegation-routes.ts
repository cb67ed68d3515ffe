import {
  createDelegationSchema,
  delegationSchema,
  listDelegationsSchema,
  rotationViewSchema,
} from "@holdpoint/protocol";
import { z } from "zod";
import {
  createDelegation,
  listDelegations,
  listRotations,
  revokeDelegation,
  type DelegationDeps,
} from "../identity/delegation.ts";
import { credentialHashOf, pathParameter } from "./credential.ts";
import { idempotencyOf } from "./request.ts";
import { route, type App } from "./route.ts";

/** Who stands in for whom, and who is on call. */
export function addDelegationRoutes(app: App, deps: DelegationDeps): void {
  const tag = "Delegations";
  route(
    app,
    {
      method: "post",
      path: "/v1/delegations",
      tag,
      summary: "Let somebody stand in, until an end date",
      body: createDelegationSchema,
      responses: { 201: { description: "The delegation", schema: delegationSchema } },
    },
    async (context, { body }) =>
      context.json(
        await createDelegation(deps, credentialHashOf(context), body, idempotencyOf(context, body)),
        201,
      ),
  );
  route(
    app,
    {
      method: "get",
      path: "/v1/delegations",
      tag,
      summary: "List delegations",
      query: listDelegationsSchema,
      responses: {
        200: {
          description: "Newest first, at most 500",
          schema: z.object({ data: z.array(delegationSchema) }),
        },
      },
    },
    async (context, { query }) =>
      context.json({ data: await listDelegations(deps.database, credentialHashOf(context), query.ended) }),
  );
  route(
    app,
    {
      method: "delete",
      path: "/v1/delegations/{id}",
      tag,
      summary: "End a delegation, at once",
      responses: { 200: { description: "The delegation", schema: delegationSchema } },
    },
    async (context) =>
      context.json(await revokeDelegation(deps, credentialHashOf(context), pathParameter(context, "id"))),
  );
  route(
    app,
    {
      method: "get",
      path: "/v1/rotations",
      tag,
      summary: "Who is on call now, and who is next",
      responses: {
        200: {
          description: "The policy's rotations",
          schema: z.object({ data: z.array(rotationViewSchema) }),
        },
      },
    },
    async (context) => context.json({ data: await listRotations(deps.database, credentialHashOf(context)) }),
  );
}
