// P6, waiting costs nothing: event streams open at one instance, its memory with and without them, and one event to all.
import type { StreamOrder, StreamReport } from "../load/stream-clients.ts";
import { openConnections } from "../load/http-connections.ts";
import { PROPOSED_ACTION } from "../load/target.ts";
import { startObservedPostgres } from "../measurement/observed-postgres.ts";
import { startChild } from "../processes/child.ts";
import { startProduct } from "../product/product.ts";
import type { ProductMemory } from "../product/server.ts";
import { POOL_SIZE } from "./cycle.ts";
import type { RowOptions } from "./row-options.ts";

const CLIENTS = new URL("../load/stream-clients.ts", import.meta.url);
/** Opened and closed before, so that what a first stream costs once is not counted. */
const WARM_UP = 200;

export interface Waiters {
  clients: number;
  /** Kilobytes of the process for each, after collecting garbage. */
  rssKb: number;
  /** Of JavaScript's heap and of buffers outside of it. */
  heapKb: number;
  /** Until all were open. */
  openedMs: number;
  /** From the proposal of a hold until all were told of it: the first time, and again. */
  toldMs: number[];
  /** Kilobytes for each after ten more events: what grows shows here. */
  rssKbAfterEvents: number;
  heapKbAfterEvents: number;
}

export async function measureWaiters({ plan, log, productNodeOptions }: RowOptions): Promise<Waiters> {
  await using running = new AsyncDisposableStack();
  const postgres = await startObservedPostgres();
  running.defer(() => postgres.remove());
  const store = { url: await postgres.createDatabase("product"), poolSize: POOL_SIZE };
  const product = await startProduct(store, [...productNodeOptions, "--expose-gc"]);
  running.defer(() => product.stop());
  const { url, agentKey, operatorKey } = product.ready;
  const port = Number(new URL(url).port);
  const connections = openConnections(url);
  running.defer(async () => connections.close());

  const warmUp = await startClients();
  await warmUp.ask({ type: "open", port, key: operatorKey, count: Math.min(WARM_UP, plan.waiters) });
  await warmUp.ask({ type: "told", holdId: await propose() });
  await warmUp.stop();

  const before = await product.ask("memory");
  const clients = await startClients();
  running.defer(() => clients.stop());
  const opened = await clients.ask({ type: "open", port, key: operatorKey, count: plan.waiters });
  const waiting = await product.ask("memory");
  const toldMs: number[] = [];
  for (let count = 0; count < 11; count++) {
    const startedAt = performance.now();
    await clients.ask({ type: "told", holdId: await propose() });
    toldMs.push(performance.now() - startedAt);
  }
  const after = await product.ask("memory");
  const each = (now: ProductMemory, of: "rss" | "heap"): number =>
    (now[of] - before[of]) / plan.waiters / 1_024;
  const waiters: Waiters = {
    clients: opened.count,
    rssKb: each(waiting, "rss"),
    heapKb: each(waiting, "heap"),
    openedMs: opened.ms,
    toldMs,
    rssKbAfterEvents: each(after, "rss"),
    heapKbAfterEvents: each(after, "heap"),
  };
  log(
    `${waiters.clients} open streams: ${waiters.rssKb.toFixed(1)} kB each (heap ${waiters.heapKb.toFixed(1)} kB), ${waiters.rssKbAfterEvents.toFixed(1)} kB (heap ${waiters.heapKbAfterEvents.toFixed(1)} kB) after events`,
  );
  return waiters;

  function startClients() {
    return startChild<undefined, StreamOrder, StreamReport>(CLIENTS);
  }

  async function propose(): Promise<string> {
    const body = JSON.stringify({ kind: "approval", action: PROPOSED_ACTION });
    const text = await connections.ask({
      method: "POST",
      path: "/v1/holds",
      key: agentKey,
      body,
      expected: 201,
    });
    return (JSON.parse(text) as { id: string }).id;
  }
}
