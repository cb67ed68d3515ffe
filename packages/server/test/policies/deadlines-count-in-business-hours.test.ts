import { afterEach, expect, test } from "vitest";
import { describeEachStore } from "../../src/testing/stores.ts";
import { startTestService, type TestService } from "../../src/testing/test-service.ts";
import { propose, put } from "./policy-fixture.ts";

describeEachStore("deadlines in business hours", (store) => {
  let service: TestService | undefined;
  afterEach(() => service?.stop());

  test.each([
    // asked at, must be decided within two business hours, before (Berlin, Monday to Friday, 09:00 to 17:00)
    ["2026-03-27T15:00:00Z", "2026-03-30T08:00"], // a Friday at 16:00; on Sunday the clocks go forward
    ["2026-08-03T08:00:00Z", "2026-08-03T10:00"],
    ["2026-08-08T12:00:00Z", "2026-08-10T09:00"], // a Saturday
    ["2026-10-23T14:00:00Z", "2026-10-26T09:00"], // a Friday at 16:00; on Sunday they go back
  ])("asked at %s it ends at %s", async (now, end) => {
    await store().setClock(now);
    // One that started before would know the database's clock from before it was moved.
    service = await startTestService(store());
    await put(service, {
      businessHours: { timeZone: "Europe/Berlin" },
      rules: [{ id: "all", effect: { tier: "sync_gate", timeoutSeconds: 7_200, businessHours: true } }],
    });
    const { body } = await propose(service, "refund");
    // What the instance takes for the database's time is at most a moment off.
    const off = Date.parse(body.expiresAt) - Date.parse(`${end}:00Z`);
    expect([body.expiresAt, Math.abs(off) < 15_000]).toEqual([body.expiresAt, true]);
  });
});
