import type { Run } from "@holdpoint/protocol";
import type { Clients } from "./clients.ts";
import { openConnections } from "./http-connections.ts";
import { FINAL_ANSWER, type Target } from "./target.ts";

const TASK = JSON.stringify({ input: "Delete 50 old records from the users table" });

/**
 * Clients that start a run of Holdpoint, wait for the hold of its gated call, approve it, and wait for the answer: four
 * requests, as somebody's program would make them.
 */
export function runClients(target: Extract<Target, { type: "runs" }>): Clients {
  const connections = openConnections(target.url);
  const key = target.operatorKey;
  const post = (path: string, body: string, expected: number): Promise<string> =>
    connections.ask({ method: "POST", path, key, body, expected });
  const wait = async (runId: string): Promise<Run> => {
    const path = `/v1/runs/${runId}/wait?timeoutSeconds=60`;
    return JSON.parse(await connections.ask({ method: "GET", path, key, expected: 200 })) as Run;
  };

  async function cycle(): Promise<void> {
    const started = JSON.parse(await post("/v1/agents/data_manager/runs", TASK, 201)) as { id: string };
    const held = await wait(started.id);
    const hold = held.holds.find(({ status }) => status === "pending");
    if (hold === undefined) throw new Error(`The run waits for nobody: ${held.status}.`);
    const decision = JSON.stringify({ verdict: "approve", actionHash: hold.action?.hash });
    await post(`/v1/holds/${hold.id}/decisions`, decision, 200);
    const ended = await wait(started.id);
    if (ended.status !== "completed" || ended.output !== FINAL_ANSWER)
      throw new Error(`The run ended as ${ended.status}: ${String(ended.output)}`);
    if (ended.toolCalls[0]?.status !== "succeeded") throw new Error("The call was not executed.");
  }

  return {
    async take(count) {
      connections.renew();
      return Array.from({ length: count }, () => cycle);
    },
    close: async () => connections.close(),
  };
}
