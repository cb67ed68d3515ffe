// Everything is approved, with nobody asked: for CI and for trying things out. The same without `autoApprove` where the
// environment says GLAIP_HITL_AUTO_APPROVE=true.
import { GlaipClient, HitlHandler } from "@holdpoint/client/glaip";

const client = new GlaipClient(); // AIP_API_URL, AIP_API_KEY
const hitlHandler = new HitlHandler({ client, autoApprove: true });

const answer = await client.agents.run("data_manager", "Delete 5 old records from the users table", {
  hitlHandler,
});
await hitlHandler.waitForPendingDecisions(10);
console.log(answer.content);
