import { expect, test } from "vitest";
import { describeEachStore } from "../src/testing/stores.ts";
import { startTestService } from "../src/testing/test-service.ts";

describeEachStore("a service", (store) => {
  test("starts once, however often it is asked to", async () => {
    const started = await startTestService(store());
    const again = await Promise.all([started.service.start(), started.service.start()]);
    expect(again.map(({ localKey }) => localKey)).toEqual([started.adminKey, started.adminKey]);
    expect(again[0]).toBe(again[1]);
    await started.stop();
  });
});
