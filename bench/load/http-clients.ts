import { Agent, request } from "node:http";
import type { Clients } from "./clients.ts";
import { PROPOSED_ACTION, type Target } from "./target.ts";

/** Clients that create a hold and decide it over HTTP, on connections that are kept. */
export function httpClients(target: Extract<Target, { type: "http" }>): Clients {
  let agent = keepingAgent();
  const proposal = JSON.stringify({ kind: "approval", action: PROPOSED_ACTION });

  async function cycle(): Promise<void> {
    const hold = JSON.parse(await post("/v1/holds", target.agentKey, proposal, 201)) as {
      id: string;
      action: { hash?: string };
    };
    const decision = JSON.stringify({ verdict: "approve", actionHash: hold.action.hash });
    await post(`/v1/holds/${hold.id}/decisions`, target.operatorKey, decision, 200);
  }

  /** Resolves to the body. Throws unless the status is the expected one: a refusal is no cycle. */
  async function post(
    path: string,
    key: string | undefined,
    body: string,
    expected: number,
  ): Promise<string> {
    const { promise, resolve, reject } = Promise.withResolvers<string>();
    const sent = request(target.url + path, {
      agent,
      method: "POST",
      headers: {
        "content-type": "application/json",
        "content-length": Buffer.byteLength(body),
        ...(key !== undefined && { authorization: `Bearer ${key}` }),
      },
    });
    sent.once("error", reject);
    sent.once("response", (response) => {
      let text = "";
      response.setEncoding("utf8");
      response.on("data", (chunk: string) => (text += chunk));
      response.once("error", reject);
      response.once("end", () => {
        if (response.statusCode === expected) resolve(text);
        else reject(new Error(`${path} answered ${response.statusCode}: ${text.slice(0, 500)}`));
      });
    });
    sent.end(body);
    return promise;
  }

  return {
    async take(count) {
      // A server closes connections that idle between two cells, perhaps just when the next one would use them.
      agent.destroy();
      agent = keepingAgent();
      return Array.from({ length: count }, () => cycle);
    },
    close: async () => agent.destroy(),
  };
}

function keepingAgent(): Agent {
  return new Agent({ keepAlive: true, maxSockets: 1_000, scheduling: "fifo" });
}
