// Another process than the one that follows the run: looks what waits, and decides. Until it has decided as many as asked.
import { setTimeout as delay } from "node:timers/promises";
import { GlaipClient } from "@holdpoint/client/glaip";

const [decision = "reject", count = "1"] = process.argv.slice(2);
const NOTE = "decided by hand";

const { hitl } = new GlaipClient();
for (let left = Number(count); left > 0;) {
  for (const { request_id, tool, arguments: args } of await hitl.listPending()) {
    console.log(`${tool} ${JSON.stringify(args)}`);
    const { message } =
      decision === "approve"
        ? await hitl.approve(request_id, NOTE)
        : decision === "skip"
          ? await hitl.skip(request_id, NOTE)
          : await hitl.reject(request_id, NOTE);
    console.log(message);
    left--;
  }
  if (left > 0) await delay(1_000);
}
