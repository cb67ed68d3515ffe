import { createId } from "@holdpoint/protocol";
import pino from "pino";
import { expect, test } from "vitest";
import { createWakeups } from "../../src/events/wakeups.ts";
import { describeEachStore } from "../../src/testing/stores.ts";

describeEachStore("wake-ups", (store) => {
  test("the first of a quiet instance asks Node for no time that has passed already", async () => {
    const warnings: Error[] = [];
    const onWarning = (warning: Error): void => void warnings.push(warning);
    process.on("warning", onWarning);
    const wakeups = await createWakeups({
      database: store().database,
      instanceId: createId("wrk"),
      logger: pino({ level: "silent" }),
    });
    wakeups.publish(["hold:1"]);
    await wakeups.close();
    process.off("warning", onWarning);
    expect(warnings).toEqual([]);
  });
});
