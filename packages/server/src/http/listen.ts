import type { Server, ServerResponse } from "node:http";
import { getRequestListener } from "@hono/node-server";
import { createServer } from "node:http";
import { HoldpointError } from "@holdpoint/protocol";
import type { NodeBindings } from "./route.ts";
import type { UpgradeListener } from "./socket-door.ts";
import { keepResponseInstances } from "./light-response.ts";

export interface ListenOptions {
  /** Gets Node's own response too: streams are written to it. */
  fetch: (request: Request, bindings?: NodeBindings) => Response | Promise<Response>;
  /** Takes upgrades: the WebSocket. */
  upgrade?: UpgradeListener;
  host: string;
  /** 0 takes a free one. */
  port: number;
  /** True in a process that is not ours alone: its globals stay as they are, at half a millisecond a request. */
  isGuest?: boolean;
}

export interface Listening {
  readonly port: number;
  /** Takes no new connection, gives open requests this long, then closes what is left. */
  close(graceMs?: number): Promise<void>;
}

/** Serves over HTTP. Throws HoldpointError `port_taken` or `listen_failed`, each saying what to do. */
export async function listen(options: ListenOptions): Promise<Listening> {
  // With its own light Response in place of the platform's, an answer is written as it is instead of read back from a
  // stream: half a millisecond a request less. This process is ours; a mounted service leaves the globals alone.
  const native = globalThis.Response;
  const listener = getRequestListener(
    (request, { outgoing }) => options.fetch(request, { rawReply: outgoing as ServerResponse }),
    { overrideGlobalObjects: options.isGuest !== true },
  );
  keepResponseInstances(native);
  const server = createServer(
    { maxHeaderSize: 16_384, headersTimeout: 15_000, requestTimeout: 60_000, keepAliveTimeout: 10_000 },
    (request, response) => {
      void listener(request, response);
    },
  );
  if (options.upgrade !== undefined) server.on("upgrade", options.upgrade);
  await bind(server, options);
  const address = server.address();
  if (address === null || typeof address === "string") throw new TypeError("a TCP server has a port");
  return { port: address.port, close: (graceMs = 2_000) => closeServer(server, graceMs) };
}

function bind(server: Server, { host, port }: ListenOptions): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once("error", (error: NodeJS.ErrnoException) => reject(listenError(error, host, port)));
  server.listen(port, host, resolve);
  return promise;
}

function listenError(error: NodeJS.ErrnoException, host: string, port: number): HoldpointError {
  if (error.code === "EADDRINUSE") {
    return new HoldpointError(
      `Port ${port} is taken by another program. End it, or choose another port: PORT=${port + 1} npx holdpoint start`,
      { code: "port_taken", cause: error },
    );
  }
  return new HoldpointError(`Cannot listen on ${host}:${port}: ${error.message}. Check HOST and PORT.`, {
    code: "listen_failed",
    cause: error,
  });
}

async function closeServer(server: Server, graceMs: number): Promise<void> {
  const { promise: closed, resolve } = Promise.withResolvers<void>();
  server.close(() => resolve());
  server.closeIdleConnections();
  const timer = setTimeout(() => server.closeAllConnections(), graceMs);
  await closed;
  clearTimeout(timer);
}
