// Code decides: what is safe goes ahead, what is dangerous does not, and an alarm is raised where no decision arrives.
import { GlaipClient, HitlHandler, type HitlRequest, type HitlResponse } from "@holdpoint/client/glaip";

const SAFE = new Set(["query_users", "send_notification"]);
const MOST_RECORDS = 10;

function decide({ tool_name, tool_args }: HitlRequest): HitlResponse {
  if (SAFE.has(tool_name)) return { decision: "approved", operator_input: "Safe operation" };
  const count = Number(tool_args["count"]);
  return tool_name === "delete_records" && count <= MOST_RECORDS
    ? { decision: "approved", operator_input: `${count} records are few enough` }
    : { decision: "rejected", operator_input: `At most ${MOST_RECORDS} records at a time` };
}

const client = new GlaipClient();
const hitlHandler = new HitlHandler({
  client,
  callback: decide,
  onUnrecoverableError: (requestId, error) => console.error(`CALL SOMEBODY: ${requestId}: ${error.message}`),
});

const [input = "Delete 50 old records from the users table"] = process.argv.slice(2);
const answer = await client.agents.run("data_manager", input, { hitlHandler });
await hitlHandler.waitForPendingDecisions(10);
console.log(answer.content);
