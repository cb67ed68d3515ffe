import type { Ordered, OrderKind, OrderScope, StandingOrder } from "@holdpoint/protocol";
import { queryOptions, useQuery } from "@tanstack/react-query";
import { holdpoint } from "./client.ts";
import { queryClient } from "./queries.ts";

/** Over what an order is given: the part of the address before the order. */
export type OrderSubject = "/v1/runs" | `/v1/${"agents" | "sessions" | "tools"}/${string}`;
export type Order = "pause" | "resume" | "hold" | "release";

export function subjectOf(kind: "agents" | "sessions" | "tools", id: string): OrderSubject {
  return `/v1/${kind}/${encodeURIComponent(id)}`;
}

const ordersQuery = queryOptions({
  queryKey: ["orders"],
  queryFn: async () => {
    const orders: StandingOrder[] = [];
    for await (const order of holdpoint.orders.list()) orders.push(order);
    return orders;
  },
});

/** What stands, with who ordered it and why. */
export function useOrders() {
  const { data: orders = [], ...query } = useQuery(ordersQuery);
  const find = (kind: OrderKind, scope: OrderScope, subject: string | null = null) =>
    orders.find((order) => order.kind === kind && order.scope === scope && order.subject === subject) ?? null;
  return { orders, find, query };
}

/** Gives an order that stands until it is lifted, or lifts it. */
export async function giveOrder(subject: OrderSubject, order: Order, reason: string): Promise<Ordered> {
  try {
    return await holdpoint.request<Ordered>("POST", `${subject}/${order}`, {
      body: reason === "" ? {} : { reason },
    });
  } finally {
    for (const key of ["orders", "agents", "runs", "run", "sessions", "session", "holds"])
      void queryClient.invalidateQueries({ queryKey: [key] });
  }
}
