import {
  controlRunSchema,
  holdOrderSchema,
  orderedSchema,
  orderSchema,
  sessionCancelledSchema,
  standingOrderSchema,
  type OrderKind,
  type OrderScope,
  type StandingOrder,
} from "@holdpoint/protocol";
import { z } from "zod";
import { cancelSession } from "../fleet/cancel-session.ts";
import { giveOrder, listOrders, type OrderDeps } from "../fleet/standing-orders.ts";
import type { ControlRunDeps } from "../runs/control-run.ts";
import { credentialHashOf, pathParameter } from "./credential.ts";
import { requestKeyOf } from "./request.ts";
import { route, type App } from "./route.ts";
import { pageOf, pageSchema } from "./whole-list.ts";

export type OrderRouteDeps = OrderDeps & ControlRunDeps;

interface OrderRoute {
  path: string;
  kind: OrderKind;
  scope: OrderScope;
  isLifted?: true;
  summary: string;
}

const ORDERS: readonly OrderRoute[] = [
  {
    path: "/v1/runs/pause",
    kind: "pause",
    scope: "all",
    summary: "Pause all runs of the organisation, also those that are made later",
  },
  {
    path: "/v1/runs/resume",
    kind: "pause",
    scope: "all",
    isLifted: true,
    summary: "Lift the pause of all runs; what somebody paused alone stays paused",
  },
  {
    path: "/v1/agents/{id}/pause",
    kind: "pause",
    scope: "agent",
    summary: "Pause all runs of an agent, also those that are made later",
  },
  {
    path: "/v1/agents/{id}/resume",
    kind: "pause",
    scope: "agent",
    isLifted: true,
    summary: "Lift the pause of an agent's runs",
  },
  {
    path: "/v1/sessions/{id}/pause",
    kind: "pause",
    scope: "session",
    summary: "Pause all runs of a session, also those that are made later",
  },
  {
    path: "/v1/sessions/{id}/resume",
    kind: "pause",
    scope: "session",
    isLifted: true,
    summary: "Lift the pause of a session's runs",
  },
  {
    path: "/v1/agents/{id}/hold",
    kind: "hold",
    scope: "agent",
    summary: "Kill-switch: whatever an agent wants to do from now on waits for a person",
  },
  {
    path: "/v1/agents/{id}/release",
    kind: "hold",
    scope: "agent",
    isLifted: true,
    summary: "Lift the kill-switch of an agent; what is held already stays held",
  },
  {
    path: "/v1/tools/{name}/hold",
    kind: "hold",
    scope: "tool",
    summary: "Kill-switch: each call of a tool waits for a person, whatever the policy says",
  },
  {
    path: "/v1/tools/{name}/release",
    kind: "hold",
    scope: "tool",
    isLifted: true,
    summary: "Lift the kill-switch of a tool; what is held already stays held",
  },
];

/** Pauses and kill-switches over more than one run. */
export function addOrderRoutes(app: App, deps: OrderRouteDeps): void {
  for (const { path, kind, scope, isLifted = false, summary } of ORDERS) {
    route(
      app,
      {
        method: "post",
        path,
        tag: "Standing orders",
        summary,
        body: kind === "hold" && !isLifted ? holdOrderSchema : orderSchema,
        responses: { 200: { description: "The order", schema: orderedSchema } },
      },
      async (context, { body }) =>
        context.json(
          await giveOrder(deps, {
            credentialHash: credentialHashOf(context),
            kind,
            scope,
            subject: scope === "all" ? "" : pathParameter(context, scope === "tool" ? "name" : "id"),
            isLifted,
            reason: body.reason,
            key: requestKeyOf(context, body),
          }),
        ),
    );
  }
  route(
    app,
    {
      method: "get",
      path: "/v1/standing-orders",
      tag: "Standing orders",
      summary: "What stands: pauses and kill-switches, with who ordered them and why",
      query: pageSchema,
      responses: {
        200: {
          description: "A page, the newest first",
          schema: z.object({ data: z.array(standingOrderSchema), nextCursor: z.string().nullable() }),
        },
      },
    },
    async (context, { query }) => {
      const { orders } = await listOrders(deps.database, credentialHashOf(context));
      const idOf = ({ kind, scope, subject }: StandingOrder): string => `${kind} ${scope} ${subject ?? ""}`;
      return context.json(pageOf("orders", orders, idOf, query));
    },
  );
  route(
    app,
    {
      method: "post",
      path: "/v1/sessions/{id}/cancel",
      tag: "Sessions",
      summary: "End all runs of a session: holds are closed, and what is in flight is told to stop",
      body: controlRunSchema,
      responses: {
        200: { description: "The runs that it ended, each with its report", schema: sessionCancelledSchema },
      },
    },
    async (context, { body }) =>
      context.json(
        await cancelSession(deps, {
          credentialHash: credentialHashOf(context),
          sessionId: pathParameter(context, "id"),
          reason: body.reason,
          key: requestKeyOf(context, body),
        }),
      ),
  );
}
