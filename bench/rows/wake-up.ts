// P2, the wake-up: decided at one instance, told to who waits at another; two processes of the service, one database.
import type { WakeUpOrder, WakeUps, WakeUpTarget } from "../load/wake-up-generator.ts";
import { startObservedPostgres } from "../measurement/observed-postgres.ts";
import { startChild } from "../processes/child.ts";
import { startProduct } from "../product/product.ts";
import { POOL_SIZE } from "./cycle.ts";
import type { RowOptions } from "./row-options.ts";

const GENERATOR = new URL("../load/wake-up-generator.ts", import.meta.url);

export async function measureWakeUp({ plan, log, productNodeOptions }: RowOptions): Promise<WakeUps> {
  await using running = new AsyncDisposableStack();
  const postgres = await startObservedPostgres();
  running.defer(() => postgres.remove());
  const store = { url: await postgres.createDatabase("product"), poolSize: POOL_SIZE };
  const decider = await startProduct(store, productNodeOptions);
  running.defer(() => decider.stop());
  const waiter = await startProduct(store);
  running.defer(() => waiter.stop());

  const { url: deciderUrl, agentKey, operatorKey } = decider.ready;
  const target: WakeUpTarget = { deciderUrl, waiterUrl: waiter.ready.url, agentKey, operatorKey };
  const generator = await startChild<undefined, WakeUpOrder, WakeUps>(GENERATOR, {
    arguments: [JSON.stringify(target)],
  });
  running.defer(() => generator.stop());

  await generator.ask({ pairs: plan.wakeUpPairs, forMs: plan.warmUpMs });
  await postgres.checkpoint();
  const wakeUps = await generator.ask({
    pairs: plan.wakeUpPairs,
    forMs: plan.rounds * plan.measureMs,
  });
  const { count, afterAcceptance } = wakeUps;
  log(
    `${count} wake-ups of another instance: p50 ${afterAcceptance.p50Ms.toFixed(1)} ms, p99 ${afterAcceptance.p99Ms.toFixed(1)} ms`,
  );
  return wakeUps;
}
