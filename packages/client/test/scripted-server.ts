import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export interface ReceivedRequest {
  method: string;
  path: string;
  query: URLSearchParams;
  headers: IncomingMessage["headers"];
  body: unknown;
}

export type Answer = (request: ReceivedRequest, response: ServerResponse) => unknown;

/** A real HTTP server on a port of its own that answers as the test says and remembers what it was asked. */
export class ScriptedServer implements AsyncDisposable {
  readonly received: ReceivedRequest[] = [];
  readonly url: string;
  readonly #server;

  constructor(server: ReturnType<typeof createServer>) {
    this.#server = server;
    this.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  static async start(answer: Answer): Promise<ScriptedServer> {
    const server = createServer((request, response) => {
      void readBody(request).then(async (body) => {
        const url = new URL(request.url ?? "/", "http://localhost");
        const received = {
          method: request.method ?? "",
          path: url.pathname,
          query: url.searchParams,
          headers: request.headers,
          body,
        };
        scripted.received.push(received);
        await answer(received, response);
      });
    });
    await new Promise<void>((resolve) => {
      server.listen(0, "127.0.0.1", resolve);
    });
    const scripted = new ScriptedServer(server);
    return scripted;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => {
      this.#server.close(resolve);
    });
  }
}

export function sendJson(response: ServerResponse, status: number, body: unknown, headers = {}): void {
  const type = status >= 400 ? "application/problem+json" : "application/json";
  response.writeHead(status, { "content-type": type, ...headers }).end(JSON.stringify(body));
}

async function readBody(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const text = Buffer.concat(chunks).toString();
  return text === "" ? undefined : JSON.parse(text);
}
