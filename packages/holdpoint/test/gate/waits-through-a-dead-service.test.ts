import { rm } from "node:fs/promises";
import { join } from "node:path";
import { Holdpoint } from "@holdpoint/client";
import type { Hold } from "@holdpoint/protocol";
import { afterAll, beforeAll, expect, test } from "vitest";
import {
  endAll,
  exampleConfig,
  startService,
  temporaryFolder,
  type ServiceProcess,
} from "../../../../test/system/service-process.ts";

const folder = temporaryFolder();
const settings = { HOLDPOINT_DATA_DIR: join(folder.path, "data"), HOLDPOINT_CONFIG: exampleConfig };
let first: ServiceProcess;
beforeAll(async () => {
  first = await startService(settings);
});
afterAll(async () => {
  await endAll();
  await rm(folder.path, { recursive: true, force: true });
});

test("a gated call waits through the death of the service, and executes what is approved afterwards, once", async () => {
  const { url, apiKey } = first;
  const executed: object[] = [];
  const asked = Promise.withResolvers<Hold>();
  const gated = new Holdpoint({ url, apiKey }).gate("refund", (args: { eur: number }) => {
    executed.push(args);
    return args.eur;
  });
  const call = gated({ eur: 240 }, { timeoutSeconds: 3_600, onWaiting: asked.resolve });
  const hold = await asked.promise;
  await first.kill();
  const second = await startService({ ...settings, PORT: new URL(url).port });
  const operator = new Holdpoint({ url, apiKey: second.apiKey });
  await operator.holds.decide(hold.id, { verdict: "approve", actionHash: hold.action?.hash });
  expect(await call).toMatchObject({ ran: true, result: 240, hold: { id: hold.id } });
  expect(executed).toEqual([{ eur: 240 }]);
  expect(await operator.holds.get(hold.id)).toMatchObject({ fulfilment: "executed" });
});
