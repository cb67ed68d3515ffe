import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

type Answer = (request: IncomingMessage, response: ServerResponse) => void | Promise<void>;

/** A server on loopback whose address is known before what answers there. */
export class HttpServer {
  readonly url: string;
  readonly #server: Server;
  #answer: Answer = (_request, response) => void response.writeHead(503).end();

  private constructor(server: Server) {
    this.#server = server;
    // By name, not 127.0.0.1: cookies and redirect addresses are compared letter by letter.
    this.url = `http://localhost:${(server.address() as AddressInfo).port}`;
    server.on("request", (request, response) => void this.#serve(request, response));
  }

  /** Listens on that port, or with 0 on a free one. Keeps no process alive by itself. Rejects when it is taken. */
  static async listen(port: number): Promise<HttpServer> {
    const server = createServer().listen(port, "127.0.0.1");
    await once(server, "listening");
    server.unref();
    return new HttpServer(server);
  }

  answer(answer: Answer): void {
    this.#answer = answer;
  }

  async close(): Promise<void> {
    this.#server.close();
    this.#server.closeAllConnections();
    await once(this.#server, "close");
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      await this.#answer(request, response);
    } catch (error) {
      process.stderr.write(
        `calendar example: ${request.method} ${request.url?.split("?")[0]}: ${String(error)}\n`,
      );
      if (!response.headersSent) response.writeHead(500);
      response.end();
    }
  }
}
