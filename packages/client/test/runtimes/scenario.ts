import { Holdpoint, HoldpointApiError, HoldpointConnectionError, RejectedError } from "../../src/index.ts";
import type { Hold } from "@holdpoint/protocol";

/** What a program does with the client, in whatever runtime: what comes out is the same in each. */
export async function scenario({ url, apiKey }: { url: string; apiKey: string }): Promise<object> {
  const client = new Holdpoint({ url, apiKey });
  const executed: object[] = [];
  const refund = client.gate("refund", (args: { order: number; eur: number }) => {
    executed.push(args);
    return { refunded: args.eur };
  });
  const deciding = (verdict: "approve" | "modify" | "reject") => ({
    onWaiting: (hold: Hold) =>
      void client.holds.decide(hold.id, {
        verdict,
        actionHash: hold.action?.hash,
        ...(verdict === "modify" && { modifications: { eur: 100 } }),
      }),
  });

  const listening = new AbortController();
  const opened = Promise.withResolvers<void>();
  const types: string[] = [];
  const heard = (async () => {
    const events = client.events({ signal: listening.signal, onOpen: () => opened.resolve() });
    for await (const event of events) {
      types.push(event.type);
      if (event.type === "action.executed") listening.abort();
    }
  })();
  await opened.promise;
  const approved = await refund({ order: 1, eur: 240 }, deciding("approve"));
  await heard;

  // An answer that is lost, and a request that is sent again with the same key.
  let left = 2;
  const lossy = new Holdpoint({
    url,
    apiKey,
    fetch: async (...parameters) => {
      const response = await fetch(...parameters);
      if (left-- <= 0) return response;
      await response.arrayBuffer();
      throw new TypeError("fetch failed");
    },
  });
  const once = await lossy.gate("refund", (args: object) => void executed.push(args))(
    { order: 2 },
    deciding("approve"),
  );
  const modified = await refund({ order: 3, eur: 240 }, deciding("modify"));
  const rejected = await refund({ order: 4, eur: 240 }, deciding("reject"));
  const thrown = await client
    .gate("refund", () => {}, { throws: true })({}, deciding("reject"))
    .catch((error: unknown) => error);
  const unknown = await client.holds.get("hold_x").catch((error: unknown) => error);
  const away = await new Holdpoint({ url: "http://127.0.0.1:9", apiKey, maxRetries: 0 })
    .me()
    .catch((error: unknown) => error);
  const enough = new AbortController();
  const ended = await client
    .gate("refund", () => {})(
      {},
      { signal: enough.signal, onWaiting: () => enough.abort(new Error("enough")) },
    )
    .catch((error: unknown) => String(error));

  const run = await client.runs.register({ agentId: "scraper", input: "Read" });
  await run.interruptPoint({ steps: 1 });
  const { status } = await run.complete("read");
  const listed = (await client.holds.page({ q: "refund", limit: 3 })).data.length;
  return {
    outcomes: [approved, once, modified, rejected].map(({ outcome }) => outcome),
    executed,
    streamed: types.includes("hold.created") && types.includes("hold.decided"),
    errors: [
      RejectedError.isInstance(thrown),
      HoldpointApiError.isInstance(unknown),
      HoldpointConnectionError.isInstance(away),
    ],
    ended,
    run: status,
    listed,
  };
}
