import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import type { HoldDetail } from "@holdpoint/protocol";
import { decidedHold, exampleHold } from "./example-hold.ts";

export interface Answer {
  status: number;
  body: unknown;
}

export interface ReceivedRequest {
  method: string;
  path: string;
  body: unknown;
  headers: IncomingMessage["headers"];
}

/** A real HTTP server that speaks the wire shapes for one hold, and remembers what it was asked. */
export class HoldServer implements AsyncDisposable {
  readonly received: ReceivedRequest[] = [];
  readonly #server;
  readonly #answer: (request: ReceivedRequest) => Answer;

  private constructor(server: ReturnType<typeof createServer>, answer: (request: ReceivedRequest) => Answer) {
    this.#server = server;
    this.#answer = answer;
  }

  /** `answer` may say something else than the default, which shows the hold and takes any decision. */
  static async start(
    hold: HoldDetail = exampleHold(),
    answer: (request: ReceivedRequest) => Answer | undefined = () => undefined,
  ): Promise<HoldServer> {
    const server = createServer();
    const scripted = new HoldServer(server, (request) => answer(request) ?? showHold(request, hold));
    server.on("request", (request, response) => {
      void readBody(request).then((body) => {
        const { status, body: answered } = scripted.#take(request, body);
        response
          .writeHead(status, {
            "content-type": status < 400 ? "application/json" : "application/problem+json",
          })
          .end(JSON.stringify(answered));
      });
    });
    await new Promise<void>((resolve) => {
      server.listen(0, "127.0.0.1", resolve);
    });
    return scripted;
  }

  get env(): Record<string, string> {
    const { port } = this.#server.address() as AddressInfo;
    return { HOLDPOINT_URL: `http://127.0.0.1:${port}`, HOLDPOINT_API_KEY: "hpo_test" };
  }

  /** The bodies of the decisions that were sent. */
  get decisions(): Record<string, unknown>[] {
    return this.received
      .filter(({ path }) => path.endsWith("/decisions"))
      .map(({ body }) => body as Record<string, unknown>);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => {
      this.#server.close(resolve);
    });
  }

  #take(request: IncomingMessage, body: unknown): Answer {
    const received = {
      method: request.method ?? "",
      path: new URL(request.url ?? "/", "http://localhost").pathname,
      body,
      headers: request.headers,
    };
    this.received.push(received);
    return this.#answer(received);
  }
}

export function problem(status: number, code: string, more: Record<string, unknown> = {}): Answer {
  return {
    status,
    body: {
      type: "about:blank",
      title: code,
      status,
      code,
      detail: `It is ${code}.`,
      requestId: "req_1",
      ...more,
    },
  };
}

const RESULTS: Record<string, HoldDetail["status"]> = {
  approve: "approved",
  modify: "modified",
  reject: "rejected",
  skip: "skipped",
  answer: "answered",
};

function showHold({ method, path, body }: ReceivedRequest, hold: HoldDetail): Answer {
  if (method === "GET" && path === "/v1/holds")
    return { status: 200, body: { data: [hold], nextCursor: null } };
  if (!path.startsWith(`/v1/holds/${hold.id}`)) return problem(404, "not_found");
  if (path.endsWith("/decisions")) {
    const { verdict } = body as { verdict: string };
    return { status: 200, body: decidedHold(RESULTS[verdict] ?? "rejected") };
  }
  return { status: 200, body: path.endsWith("/cancel") ? decidedHold("cancelled") : hold };
}

async function readBody(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const text = Buffer.concat(chunks).toString();
  return text === "" ? undefined : JSON.parse(text);
}
