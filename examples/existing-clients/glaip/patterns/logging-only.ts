// Nothing is stopped, and everything is written down: who runs what with which arguments.
import { appendFileSync } from "node:fs";
import { GlaipClient, HitlHandler } from "@holdpoint/client/glaip";

const [file = "hitl.log.jsonl"] = process.argv.slice(2);

const client = new GlaipClient();
const hitlHandler = new HitlHandler({
  client,
  callback({ request_id, tool_name, tool_args }) {
    const entry = { at: new Date().toISOString(), request_id, tool_name, tool_args, decision: "approved" };
    appendFileSync(file, `${JSON.stringify(entry)}\n`);
    return { decision: "approved", operator_input: "auto-approved with logging" };
  },
});

const answer = await client.agents.run("data_manager", "Delete 5 old records from the users table", {
  hitlHandler,
});
await hitlHandler.waitForPendingDecisions(10);
console.log(answer.content);
