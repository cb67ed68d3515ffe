// The load generator: a process of its own, so that its work is never the server's.
import { becomeChild } from "../processes/child.ts";
import type { Clients } from "./clients.ts";
import { drive } from "./drive.ts";
import { functionClients } from "./function-clients.ts";
import { httpClients } from "./http-clients.ts";
import type { Load } from "./latencies.ts";
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
    case "embedded": {
      // The service's modules are loaded only where PGlite is in this process.
      const { embeddedClients } = await import("./embedded-clients.ts");
      return embeddedClients(target);
    }
    default:
      throw new TypeError(`No such target: ${JSON.stringify(target satisfies never)}`);
  }
}
