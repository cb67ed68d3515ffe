import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Holdpoint, type HoldpointClientOptions } from "@holdpoint/client";
import type { DecisionInput, Hold } from "@holdpoint/protocol";
import { createHoldpoint, defineConfig, type ConfigOptions, type HoldpointService } from "../../src/index.ts";

/** A network between agent and service: sends a request, or does not, and gives its answer, or does not. */
export type Network = (path: string, send: () => Promise<Response>) => Promise<Response>;

/** A service on a port of its own, with an agent that asks from elsewhere and a person who decides. */
export class GateService implements AsyncDisposable {
  readonly url: string;
  readonly operatorKey: string;
  readonly agentKey: string;
  /** Decides as a person. */
  readonly operator: Holdpoint;
  readonly #parts: { server: Server; holdpoint: HoldpointService; folder: string };

  private constructor(
    url: string,
    keys: { operatorKey: string; agentKey: string },
    parts: { server: Server; holdpoint: HoldpointService; folder: string },
  ) {
    this.url = url;
    this.operatorKey = keys.operatorKey;
    this.agentKey = keys.agentKey;
    this.operator = new Holdpoint({ url, apiKey: keys.operatorKey });
    this.#parts = parts;
  }

  static async start(config: ConfigOptions = { agents: [] }): Promise<GateService> {
    const folder = await mkdtemp(join(tmpdir(), "holdpoint-gate-"));
    // The service's own address has to be known before it is put together.
    const server = createServer((request, response) => holdpoint.listener(request, response));
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as { port: number };
    const url = `http://localhost:${port}`;
    const holdpoint = await createHoldpoint({
      config: defineConfig(config),
      publicUrl: url,
      port,
      dataDir: join(folder, "data"),
      environment: {},
    });
    const { apiKey } = await holdpoint.start();
    const operator = new Holdpoint({ url, apiKey });
    const { key } = await operator.keys.create({ name: "billing", kind: "agent", agentId: "billing" });
    return new GateService(url, { operatorKey: apiKey, agentKey: key }, { server, holdpoint, folder });
  }

  /** The agent, in a process that has just been started. */
  agent(network?: Network, options: Partial<HoldpointClientOptions> = {}): Holdpoint {
    const through: typeof fetch = (url, init) =>
      network === undefined
        ? fetch(url, init)
        : network(new URL(url instanceof Request ? url.url : url).pathname, () => fetch(url, init));
    return new Holdpoint({ url: this.url, apiKey: this.agentKey, fetch: through, ...options });
  }

  decide(hold: Hold, decision: Omit<DecisionInput, "actionHash">): Promise<Hold> {
    const actionHash = hold.action?.hash;
    const needsHash = decision.verdict === "approve" || decision.verdict === "modify";
    return this.operator.holds.decide(hold.id, {
      ...decision,
      ...(needsHash && actionHash !== undefined && { actionHash }),
    });
  }

  /** For `onWaiting`: decides as soon as a person is asked. */
  deciding(decision: Omit<DecisionInput, "actionHash">): (hold: Hold) => void {
    return (hold) => void this.decide(hold, decision);
  }

  /** What the log says of a hold, in order. */
  async log(holdId: string): Promise<string[]> {
    const { data } = await this.operator.audit.page({ holdId });
    return data.map(({ event }) => event.type).reverse();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const { server, holdpoint, folder } = this.#parts;
    server.closeAllConnections();
    server.close();
    await holdpoint.stop();
    await rm(folder, { recursive: true });
  }
}
