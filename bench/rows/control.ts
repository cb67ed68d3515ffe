// P14, control: paused and cancelled at one instance, told to who watches at another; two processes of the service, one
// database.
import type { ControlOrder, ControlTarget, ControlTimes } from "../load/control-generator.ts";
import { startObservedPostgres } from "../measurement/observed-postgres.ts";
import { startChild } from "../processes/child.ts";
import { startProduct } from "../product/product.ts";
import { POOL_SIZE } from "./cycle.ts";
import type { RowOptions } from "./row-options.ts";

const GENERATOR = new URL("../load/control-generator.ts", import.meta.url);

export async function measureControl({ plan, log, productNodeOptions }: RowOptions): Promise<ControlTimes> {
  await using running = new AsyncDisposableStack();
  const postgres = await startObservedPostgres();
  running.defer(() => postgres.remove());
  const store = { url: await postgres.createDatabase("product"), poolSize: POOL_SIZE };
  const pressed = await startProduct(store, productNodeOptions);
  running.defer(() => pressed.stop());
  const watched = await startProduct(store);
  running.defer(() => watched.stop());

  const { url: operatorUrl, operatorKey } = pressed.ready;
  const target: ControlTarget = { operatorUrl, watcherUrl: watched.ready.url, operatorKey };
  const generator = await startChild<undefined, ControlOrder, ControlTimes>(GENERATOR, {
    arguments: [JSON.stringify(target)],
  });
  running.defer(() => generator.stop());

  await generator.ask({ operators: plan.operators, forMs: plan.warmUpMs });
  await postgres.checkpoint();
  const times = await generator.ask({ operators: plan.operators, forMs: plan.rounds * plan.measureMs });
  log(
    `${times.count} runs paused and cancelled from another instance: p99 ${times.pause.p99Ms.toFixed(1)} and ${times.cancel.p99Ms.toFixed(1)} ms`,
  );
  return times;
}
