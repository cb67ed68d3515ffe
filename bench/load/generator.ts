// The load generator: a process of its own, so that its work is never the server's.
import { becomeChild } from "../processes/child.ts";
import type { Clients } from "./clients.ts";
import { drive } from "./drive.ts";
import { functionClients } from "./function-clients.ts";
import { httpClients } from "./http-clients.ts";
import type { Load } from "./latencies.ts";
import { runClients } from "./run-clients.ts";
import { sqlClients } from "./sql-clients.ts";
import type { LoadOrder, Target } from "./target.ts";

const clients = await clientsOf(JSON.parse(process.argv[2] ?? "") as Target);

becomeChild<undefined, LoadOrder, Load>({
  ready: undefined,
  answer: async (order) => drive(await clients.take(order.clients), order),
  stop: () => clients.close(),
});

async function clientsOf(target: Target): Promise<Clients> {
  switch (target.type) {
    case "http":
      return httpClients(target);
    case "sql":
      return sqlClients(target);
    case "functions":
      return functionClients(target);
    case "runs":
      return runClients(target);
    // Modules of the service and of peers are loaded only where they work in this process.
    case "embedded": {
      const { embeddedClients } = await import("./embedded-clients.ts");
      return embeddedClients(target);
    }
    case "langgraph approval": {
      const { langgraphApprovals } = await import("../peers/langgraph-approval.ts");
      return langgraphApprovals(target.url, target.poolSize);
    }
    case "langgraph agent": {
      const { langgraphAgents } = await import("../peers/langgraph-agent.ts");
      return langgraphAgents(target.url, target.poolSize);
    }
    case "dbos approval": {
      const { dbosApprovals } = await import("../peers/dbos-approval.ts");
      return dbosApprovals(target.url, target.poolSize);
    }
    default:
      throw new TypeError(`No such target: ${JSON.stringify(target satisfies never)}`);
  }
}
