// DBOS as its documentation has a workflow wait for a person: `recv` in the workflow, `send` with the decision. All
// settings are its defaults but the pool's size, which is the same: LISTEN/NOTIFY wakes what waits.
import { DBOS } from "@dbos-inc/dbos-sdk";
import type { Clients } from "../load/clients.ts";
import { PROPOSED_ACTION } from "../load/target.ts";

interface Decision {
  verdict: string;
}

const TOPIC = "decision";

/** Each cycle is a workflow: started with an action, sent a decision about it, and completed with that. */
export async function dbosApprovals(url: string, poolSize: number): Promise<Clients> {
  DBOS.setConfig({
    name: "bench",
    systemDatabaseUrl: url,
    systemDatabasePoolSize: poolSize,
    logLevel: "error",
  });
  const approval = DBOS.registerWorkflow(
    async (_action: typeof PROPOSED_ACTION) => DBOS.recv<Decision>(TOPIC, { timeoutSeconds: 3_600 }),
    { name: "approval" },
  );
  await DBOS.launch();

  async function cycle(): Promise<void> {
    const handle = await DBOS.startWorkflow(approval)(PROPOSED_ACTION);
    await DBOS.send<Decision>(handle.workflowID, { verdict: "approve" }, TOPIC);
    const decision = await handle.getResult();
    if (decision?.verdict !== "approve") throw new Error("The decision did not arrive.");
  }

  return {
    take: async (count) => Array.from({ length: count }, () => cycle),
    close: () => DBOS.shutdown(),
  };
}
