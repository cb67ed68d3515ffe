// P7, the cycle on PGlite: Holdpoint beside the rate at which PGlite itself commits the bare statements, fsync on.
import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startEmbeddedSubject } from "../measurement/generated-load.ts";
import { measureAll, type Measured } from "../measurement/measure-all.ts";
import { makeEmbeddedImage } from "../../packages/server/src/testing/embedded-image.ts";
import { startProduct } from "../product/product.ts";
import type { RowOptions } from "./row-options.ts";

/** In the order in which they are measured. */
export const EMBEDDED_SUBJECTS = {
  statements: "the same SQL in PGlite",
  product: "Holdpoint on PGlite",
} as const;

export async function measureEmbeddedCycle({ plan, log, productNodeOptions }: RowOptions): Promise<Measured> {
  await using running = new AsyncDisposableStack();
  const folder = mkdtempSync(join(tmpdir(), "holdpoint-bench-"));
  running.defer(() => rmSync(folder, { recursive: true, force: true }));

  // Both begin with the same migrated database, which is kept between runs: making one takes seconds.
  const { folderPath } = await makeEmbeddedImage();
  for (const name of ["product", "statements"]) cpSync(folderPath, join(folder, name), { recursive: true });
  const product = await startProduct({ dataDir: join(folder, "product") }, productNodeOptions);
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
