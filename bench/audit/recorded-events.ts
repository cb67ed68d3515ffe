import type { HoldpointEvent } from "@holdpoint/protocol";
import { openConnections } from "../load/http-connections.ts";

/** The last events of the service: what a cycle really writes, in its real size. */
export async function readEvents({
  url,
  operatorKey,
}: {
  url: string;
  operatorKey: string;
}): Promise<HoldpointEvent[]> {
  const connections = openConnections(url);
  try {
    const path = "/v1/audit/entries?limit=20";
    const text = await connections.ask({ method: "GET", path, key: operatorKey, expected: 200 });
    return (JSON.parse(text) as { data: { event: HoldpointEvent }[] }).data.map(({ event }) => event);
  } finally {
    connections.close();
  }
}
