import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** What the server answers to one request of a model client. */
export type Answer =
  | { text?: string; calls?: { id: string; name: string; arguments: string }[] }
  /** An error before the stream begins. */
  | { status: number; headers?: Record<string, string>; message: string }
  /** Some text, then the connection is cut. */
  | { cutAfter: string }
  /** Some text, and then nothing more until whoever asked hangs up. */
  | { silentAfter: string; hungUp: () => void };

export interface ModelServer {
  url: string;
  /** Bodies of the requests, as they came over the wire. */
  requests: { messages: { role: string; content: unknown; tool_call_id?: string }[]; tools?: unknown[] }[];
  headers: IncomingMessage["headers"][];
  close(): Promise<void>;
}

/** Speaks OpenAI's chat completions over real HTTP, one scripted answer a request; the last one repeats. */
export async function startModelServer(answers: Answer[]): Promise<ModelServer> {
  const requests: ModelServer["requests"] = [];
  const headers: ModelServer["headers"] = [];
  const server = createServer((request, response) => {
    void readBody(request).then((body) => {
      if (request.url !== "/v1/chat/completions") return response.writeHead(404).end();
      requests.push(JSON.parse(body) as ModelServer["requests"][number]);
      headers.push(request.headers);
      const answer = answers[Math.min(requests.length, answers.length) - 1];
      return answer === undefined ? response.writeHead(500).end() : send(response, answer);
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    requests,
    headers,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

function send(response: ServerResponse, answer: Answer): void {
  if ("status" in answer) {
    response.writeHead(answer.status, { "content-type": "application/json", ...answer.headers });
    response.end(JSON.stringify({ error: { message: answer.message, type: "server_error" } }));
    return;
  }
  response.writeHead(200, { "content-type": "text/event-stream" });
  if ("cutAfter" in answer) {
    response.write(chunk({ content: answer.cutAfter }));
    setImmediate(() => response.destroy());
    return;
  }
  if ("silentAfter" in answer) {
    response.write(chunk({ content: answer.silentAfter }));
    response.on("close", answer.hungUp);
    return;
  }
  for (const word of (answer.text ?? "").match(/\S+\s*/g) ?? []) response.write(chunk({ content: word }));
  const calls = answer.calls ?? [];
  calls.forEach((call, index) =>
    response.write(
      chunk({
        tool_calls: [
          { index, id: call.id, type: "function", function: { name: call.name, arguments: call.arguments } },
        ],
      }),
    ),
  );
  response.write(chunk({}, calls.length > 0 ? "tool_calls" : "stop"));
  response.end("data: [DONE]\n\n");
}

function chunk(delta: object, finishReason: string | null = null): string {
  const usage =
    finishReason === null ? {} : { usage: { prompt_tokens: 7, completion_tokens: 3, total_tokens: 10 } };
  const choices = [{ index: 0, delta: { role: "assistant", ...delta }, finish_reason: finishReason }];
  return `data: ${JSON.stringify({ id: "c1", object: "chat.completion.chunk", created: 1, model: "m", choices, ...usage })}\n\n`;
}

async function readBody(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return Buffer.concat(parts).toString("utf8");
}
