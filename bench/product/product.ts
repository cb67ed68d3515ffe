import { startChild, type Child } from "../processes/child.ts";
import type { ProductReady, ProductStore } from "./server.ts";

const SERVER = new URL("server.ts", import.meta.url);

/** Starts Holdpoint's whole service over a store, as a process. */
export function startProduct(
  store: ProductStore,
  nodeOptions: readonly string[] = [],
): Promise<Child<ProductReady>> {
  return startChild<ProductReady>(SERVER, { arguments: [JSON.stringify(store)], nodeOptions });
}
