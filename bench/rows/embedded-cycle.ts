// P7, the cycle on PGlite: Holdpoint beside the rate at which PGlite itself commits the bare statements, fsync on.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startEmbeddedSubject } from "../measurement/generated-load.ts";
import { measureAll, type Measured } from "../measurement/measure-all.ts";
import type { Plan } from "../plan.ts";
import { startChild } from "../processes/child.ts";
import type { ProductReady, ProductStore } from "../product/server.ts";

const PRODUCT = new URL("../product/server.ts", import.meta.url);

/** In the order in which they are measured. */
export const EMBEDDED_SUBJECTS = {
  statements: "the same SQL in PGlite",
  product: "Holdpoint on PGlite",
} as const;

export interface EmbeddedCycleOptions {
  plan: Plan;
  log: (line: string) => void;
  /** Options of Node for Holdpoint's process. */
  productNodeOptions: readonly string[];
}

export async function measureEmbeddedCycle(options: EmbeddedCycleOptions): Promise<Measured> {
  const { plan, log, productNodeOptions } = options;
  await using running = new AsyncDisposableStack();
  const folder = mkdtempSync(join(tmpdir(), "holdpoint-bench-"));
  running.defer(() => rmSync(folder, { recursive: true, force: true }));

  const store: ProductStore = { dataDir: join(folder, "product") };
  const product = await startChild<ProductReady>(PRODUCT, {
    arguments: [JSON.stringify(store)],
    nodeOptions: productNodeOptions,
  });
  running.defer(() => product.stop());
  const overProduct = await startEmbeddedSubject({
    name: EMBEDDED_SUBJECTS.product,
    target: { type: "http", ...product.ready },
    serverPid: product.pid,
  });
  running.defer(() => overProduct.stop());
  const statements = await startEmbeddedSubject({
    name: EMBEDDED_SUBJECTS.statements,
    target: { type: "embedded", dataDir: join(folder, "statements") },
  });
  running.defer(() => statements.stop());
  return await measureAll([statements, overProduct], plan, [plan.embeddedClients], log);
}
