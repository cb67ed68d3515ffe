import { Agent, request } from "node:http";

export interface HttpRequest {
  method: "GET" | "POST";
  path: string;
  /** Undefined: none is sent. */
  key?: string | undefined;
  body?: string;
  /** The status that is a success here. */
  expected: number;
}

/** Connections to one server, which are kept. */
export interface HttpConnections {
  /** Resolves to the body. Throws unless the status is the expected one: a refusal is no cycle. */
  ask(request: HttpRequest): Promise<string>;
  /** A server closes connections that idle between two cells, perhaps just when the next one would use them. */
  renew(): void;
  close(): void;
}

export function openConnections(url: string): HttpConnections {
  let agent = keepingAgent();
  return {
    ask({ method, path, key, body, expected }) {
      const { promise, resolve, reject } = Promise.withResolvers<string>();
      const sent = request(url + path, {
        agent,
        method,
        headers: {
          ...(body !== undefined && {
            "content-type": "application/json",
            "content-length": Buffer.byteLength(body),
          }),
          ...(key !== undefined && { authorization: `Bearer ${key}` }),
        },
      });
      sent.once("error", reject);
      sent.once("response", (response) => {
        let text = "";
        response.setEncoding("utf8");
        response.on("data", (chunk: string) => (text += chunk));
        response.once("error", reject);
        response.once("end", () => {
          if (response.statusCode === expected) resolve(text);
          else reject(new Error(`${path} answered ${response.statusCode}: ${text.slice(0, 500)}`));
        });
      });
      sent.end(body);
      return promise;
    },
    renew() {
      agent.destroy();
      agent = keepingAgent();
    },
    close: () => agent.destroy(),
  };
}

function keepingAgent(): Agent {
  return new Agent({ keepAlive: true, maxSockets: 1_000, scheduling: "fifo" });
}
