import { once } from "node:events";
import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { getRequestListener } from "@hono/node-server";
import express from "express";
import { Hono } from "hono";
import { mount } from "hono/mount";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createHoldpoint, Holdpoint, type HoldpointService } from "../src/index.ts";
import config from "./fixture/holdpoint.config.ts";
import { Folder } from "./server-process.ts";

let folder: Folder;
let holdpoint: HoldpointService;
let apiKey: string;

beforeAll(async () => {
  folder = new Folder();
  holdpoint = await createHoldpoint({
    config,
    publicUrl: "http://localhost:8080",
    basePath: "/approvals/",
    dataDir: folder.dataDir,
    environment: {},
  });
  ({ apiKey } = await holdpoint.start());
});
afterAll(async () => {
  await holdpoint.stop();
  await holdpoint.stop(); // repeating it does nothing
  folder[Symbol.dispose]();
});

class OwnServer implements AsyncDisposable {
  readonly #server: Server;

  constructor(listener: RequestListener, upgrade?: HoldpointService["upgrade"]) {
    this.#server = createServer(listener);
    if (upgrade !== undefined) this.#server.on("upgrade", upgrade);
  }

  async listen(): Promise<string> {
    await new Promise<void>((resolve) => {
      this.#server.listen(0, "127.0.0.1", resolve);
    });
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => {
      this.#server.close(resolve);
    });
  }
}

function honoApp(): RequestListener {
  const app = new Hono();
  app.get("/own", (context) => context.text("mine"));
  app.all("/approvals/*", mount(holdpoint.fetch));
  const listener = getRequestListener(app.fetch, { overrideGlobalObjects: false });
  return (incoming, outgoing) => void listener(incoming, outgoing);
}

function expressApp({ parsesBodies }: { parsesBodies: boolean }): RequestListener {
  const app = express();
  if (parsesBodies) app.use(express.json());
  app.get("/own", (_request, response) => {
    response.send("mine");
  });
  app.use("/approvals", holdpoint.listener);
  return app;
}

function plainServer(): RequestListener {
  return (incoming, outgoing) => {
    if (incoming.url === "/own") outgoing.end("mine");
    else holdpoint.listener(incoming, outgoing);
  };
}

describe("the service in an own server", () => {
  test.each([
    ["Hono", honoApp],
    ["Express", () => expressApp({ parsesBodies: false })],
    ["Express after a body parser", () => expressApp({ parsesBodies: true })],
    ["plain Node", plainServer],
  ] as const)(
    "%s: a run holds, is decided and goes on, under a path of the app's choice",
    async (_name, makeListener) => {
      await using server = new OwnServer(makeListener());
      const origin = await server.listen();
      expect(await (await fetch(`${origin}/own`)).text()).toBe("mine");

      const client = new Holdpoint({ url: `${origin}/approvals`, apiKey });
      const run = await client.runs.start("data_manager", { input: "delete 2" });
      for await (const event of client.runs.events(run.id)) {
        if (event.type !== "hold.created" || event.holdId === null) continue;
        const hold = await client.holds.get(event.holdId);
        await client.holds.decide(hold.id, { verdict: "approve", actionHash: hold.action?.hash ?? "" });
      }
      expect(await client.runs.get(run.id)).toMatchObject({
        status: "completed",
        output: 'Done: {"deleted":2}.',
      });
      await expect(client.holds.get("hold_none")).rejects.toMatchObject({ status: 404, code: "not_found" });
    },
  );

  test("its WebSocket opens where the server hands upgrades over; elsewhere the path says what to do", async () => {
    await using server = new OwnServer(plainServer(), holdpoint.upgrade);
    const origin = await server.listen();
    const client = new Holdpoint({ url: `${origin}/approvals`, apiKey });
    const { ticket } = await client.request<{ ticket: string }>("POST", "/v1/ws-tickets", { body: {} });
    const socket = new WebSocket(`${origin.replace("http", "ws")}/approvals/v1/ws`, [
      "holdpoint.v1",
      `holdpoint.ticket.${ticket}`,
    ]);
    const [message] = (await once(socket, "message")) as [{ data: string }];
    expect(JSON.parse(message.data)).toMatchObject({ type: "open" });
    socket.close();
    await once(socket, "close");

    await using other = new OwnServer(plainServer());
    const answer = await fetch(`${await other.listen()}/approvals/v1/ws`, {
      headers: { authorization: `Bearer ${apiKey}` },
    });
    expect(answer.status).toBe(426);
  });

  test("a request for another host name is refused, whoever serves it", async () => {
    const response = await holdpoint.fetch(new Request("http://evil.example/approvals/v1/holds"));
    expect(response.status).toBe(421);
  });

  test("what only begins like the path is left alone", async () => {
    const response = await holdpoint.fetch(new Request("http://localhost:8080/approvalsx/v1/holds"));
    expect(response.status).toBe(404);
  });
});
