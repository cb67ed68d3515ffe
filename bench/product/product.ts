import { startChild, type Child } from "../processes/child.ts";
import type { ProductMemory, ProductReady, ProductStore } from "./server.ts";

const SERVER = new URL("server.ts", import.meta.url);

/** Starts Holdpoint's whole service over a store, as a process. */
export function startProduct(
  store: ProductStore,
  nodeOptions: readonly string[] = [],
): Promise<Child<ProductReady, "memory", ProductMemory>> {
  return startChild<ProductReady, "memory", ProductMemory>(SERVER, {
    arguments: [JSON.stringify(store)],
    nodeOptions,
  });
}
