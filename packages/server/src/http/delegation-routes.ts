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
import { pageOf, pageSchema } from "./whole-list.ts";

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
      query: listDelegationsSchema.extend(pageSchema.shape),
      responses: {
        200: {
          description: "A page, the newest first; at most 500 in all",
          schema: z.object({ data: z.array(delegationSchema), nextCursor: z.string().nullable() }),
        },
      },
    },
    async (context, { query }) => {
      const delegations = await listDelegations(deps.database, credentialHashOf(context), query.ended);
      return context.json(pageOf("delegations", delegations, ({ id }) => id, query));
    },
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
      query: pageSchema,
      responses: {
        200: {
          description: "A page of the policy's rotations",
          schema: z.object({ data: z.array(rotationViewSchema), nextCursor: z.string().nullable() }),
        },
      },
    },
    async (context, { query }) => {
      const rotations = await listRotations(deps.database, credentialHashOf(context));
      return context.json(pageOf("rotations", rotations, ({ name }) => name, query));
    },
  );
}
