import type { ServerResponse } from "node:http";
import { describe, expect, test } from "vitest";
import { Holdpoint } from "../src/index.ts";
import { ScriptedServer, sendJson } from "./scripted-server.ts";

function openStream(response: ServerResponse): void {
  response.writeHead(200, { "content-type": "text/event-stream" }).write("retry: 1\n\n");
}

function sendEvent(response: ServerResponse, number: number, cursor = number, type = "run.step"): void {
  const data = {
    id: `evt_${number}`,
    type,
    runId: "run_1",
    createdAt: "2026-08-01T00:00:00Z",
    data: { number },
  };
  response.write(`id: ${cursor}\nevent: ${type}\ndata: ${JSON.stringify(data)}\n\n`);
}

async function collect<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const collected: Item[] = [];
  for await (const item of items) collected.push(item);
  return collected;
}

describe("a stream", () => {
  test("goes on from the last cursor after each break, and yields each event once", async () => {
    const total = 60;
    await using server = await ScriptedServer.start((request, response) => {
      const from = Number(request.headers["last-event-id"] ?? "0");
      openStream(response);
      // The safe cursor lags behind the newest event, so some events come twice after a break.
      for (let number = from + 1; number <= Math.min(from + 10, total); number++) {
        sendEvent(response, number, Math.max(from, number - 3));
      }
      if (from + 10 >= total) {
        sendEvent(response, total + 1, total + 1, "run.completed");
        response.end();
      } else {
        response.write("id: 999\ndata: half an eve");
        setImmediate(() => response.destroy());
      }
    });
    const client = new Holdpoint({ url: server.url, apiKey: "hpo_x" });
    const numbers: unknown[] = [];
    let breaks = 0;
    for await (const event of client.runs.events("run_1", { onReconnect: () => breaks++ })) {
      if (event.type !== "run.text") numbers.push(event.data["number"]);
    }
    expect(numbers).toEqual(Array.from({ length: total + 1 }, (_, index) => index + 1));
    expect(breaks).toBeGreaterThan(3);
  });

  test("broken off before its first event it goes on from the cursor that it began with", async () => {
    const asked: unknown[] = [];
    await using server = await ScriptedServer.start((request, response) => {
      asked.push(request.headers["last-event-id"]);
      openStream(response);
      if (asked.length === 1) {
        // What the service says at once: where the stream begins, and nothing else yet.
        response.write("id: 41\n\n", () => setImmediate(() => response.destroy()));
      } else sendEvent(response, 42, 42, "run.completed");
    });
    const cursors: string[] = [];
    const client = new Holdpoint({ url: server.url, apiKey: "hpo_x" });
    const events = client.runs.events("run_1", { onCursor: (cursor) => cursors.push(cursor) });
    await expect(collect(events)).resolves.toMatchObject([{ id: "evt_42" }]);
    expect(asked).toEqual([undefined, "41"]);
    expect(cursors).toEqual(["41", "42"]);
  });

  test("carries the text of a turn, and skips what is none of its events", async () => {
    await using server = await ScriptedServer.start((_request, response) => {
      openStream(response);
      response.write(
        'event: run.text\ndata: {"type":"run.text","runId":"run_1","step":1,"offset":0,"text":"Hel"}\n\n',
      );
      response.write("data: not json\n\ndata: 5\n\n: heartbeat\n\n");
      sendEvent(response, 1, 1, "run.failed");
    });
    const client = new Holdpoint({ url: server.url, apiKey: "hpo_x" });
    const events = await collect(client.runs.events("run_1"));
    expect(events).toMatchObject([{ type: "run.text", text: "Hel" }, { type: "run.failed" }]);
  });

  test("a refusal ends it with an error", async () => {
    await using server = await ScriptedServer.start((_request, response) =>
      sendJson(response, 404, { code: "not_found", detail: "There is no run run_1." }),
    );
    const client = new Holdpoint({ url: server.url, apiKey: "hpo_x" });
    await expect(collect(client.runs.events("run_1"))).rejects.toMatchObject({ code: "not_found" });
  });

  test("a server that is away is waited for", async () => {
    let count = 0;
    await using server = await ScriptedServer.start((_request, response) => {
      if (count++ === 0) return sendJson(response, 503, { code: "unavailable" });
      openStream(response);
      return sendEvent(response, 1, 1, "run.cancelled");
    });
    const client = new Holdpoint({ url: server.url, apiKey: "hpo_x" });
    await expect(collect(client.runs.events("run_1"))).resolves.toHaveLength(1);
  });

  test("leaving the loop and aborting both close the connection", async () => {
    for (const how of ["leave", "abort"] as const) {
      const closed = Promise.withResolvers<void>();
      await using server = await ScriptedServer.start((_request, response) => {
        response.on("close", closed.resolve);
        openStream(response);
        sendEvent(response, 1);
      });
      const client = new Holdpoint({ url: server.url, apiKey: "hpo_x" });
      const abort = new AbortController();
      for await (const event of client.events({ signal: abort.signal })) {
        expect(event.type).toBe("run.step");
        if (how === "leave") break;
        abort.abort();
      }
      await closed.promise;
    }
  });
});
