// A person at this terminal is asked. Enter alone decides nothing; 80 % of the time that the service gives are theirs.
import { GlaipClient, HitlHandler } from "@holdpoint/client/glaip";

const client = new GlaipClient();
const hitlHandler = new HitlHandler({ client, interactive: true });

const answer = await client.agents.run("data_manager", "Delete 5 old records from the users table", {
  hitlHandler,
});
await hitlHandler.waitForPendingDecisions(10);
console.log(answer.content);
