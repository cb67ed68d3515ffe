// Another process than the one that follows the run: looks what waits, and decides. Until it has decided as many as asked.
import { setTimeout as delay } from "node:timers/promises";
import { GlaipClient } from "@holdpoint/client/glaip";

const [decision = "reject", count = "1"] = process.argv.slice(2);

const client = new GlaipClient();
for (let left = Number(count); left > 0;) {
  for (const { request_id, tool, arguments: args } of await client.hitl.listPending()) {
    console.log(`${tool} ${JSON.stringify(args)}`);
    const decide = { approve: client.hitl.approve, reject: client.hitl.reject, skip: client.hitl.skip }[
      decision
    ];
    if (decide === undefined) throw new Error(`approve, reject or skip, not ${decision}`);
    const { message } = await decide.call(client.hitl, request_id, "decided by hand");
    console.log(message);
    left--;
  }
  if (left > 0) await delay(1_000);
}
