import type { Clients } from "./clients.ts";
import { openConnections } from "./http-connections.ts";
import { PROPOSED_ACTION, type Target } from "./target.ts";

/** Clients that create a hold and decide it over HTTP, on connections that are kept. */
export function httpClients(target: Extract<Target, { type: "http" }>): Clients {
  const connections = openConnections(target.url);
  const proposal = JSON.stringify({ kind: "approval", action: PROPOSED_ACTION });
  const post = (path: string, key: string | undefined, body: string, expected: number): Promise<string> =>
    connections.ask({ method: "POST", path, key, body, expected });

  async function cycle(): Promise<void> {
    const hold = JSON.parse(await post("/v1/holds", target.agentKey, proposal, 201)) as {
      id: string;
      action: { hash?: string };
    };
    const decision = JSON.stringify({ verdict: "approve", actionHash: hold.action.hash });
    await post(`/v1/holds/${hold.id}/decisions`, target.operatorKey, decision, 200);
  }

  return {
    async take(count) {
      connections.renew();
      return Array.from({ length: count }, () => cycle);
    },
    close: async () => connections.close(),
  };
}
