import pino from "pino";
import type { DefinedConfig } from "../agents/config.ts";
import { defineConfig } from "../agents/config.ts";
import { Secret } from "../identity/secret.ts";
import { createService, type Service, type ServiceOptions } from "../service.ts";
import type { TestStore } from "./stores.ts";

export interface TestService {
  readonly service: Service;
  /** Operator key of the first admin, and an agent key. */
  readonly adminKey: string;
  readonly agentKey: string;
  /** One request through the public door, without a network. */
  call(method: string, path: string, options?: CallOptions): Promise<CallAnswer>;
  stop(): Promise<void>;
}

export interface CallOptions {
  key?: string | null;
  body?: unknown;
  headers?: Record<string, string>;
}

export interface CallAnswer {
  status: number;
  headers: Headers;
  // The tests look into answers of every shape.
  // oxlint-disable-next-line typescript/no-explicit-any -- a test names the members it expects
  body: any;
}

/** A started service over a store of a test. Default config: no agents. */
export async function startTestService(
  store: TestStore,
  options: Partial<Omit<ServiceOptions, "database" | "config">> & { config?: DefinedConfig } = {},
): Promise<TestService> {
  const service = await createService({
    publicUrl: "http://localhost:7777",
    environment: {},
    logger: pino({ level: "silent" }),
    version: "0.0.0",
    secret: new Secret("a secret of the tests, long enough for one"),
    config: defineConfig({ agents: [] }),
    ...options,
    database: store.database,
  });
  const admin = await service.start();
  return {
    service,
    adminKey: admin.localKey,
    agentKey: admin.exampleKey,
    stop: () => service.stop(),
    async call(method, path, { key = admin.localKey, body, headers } = {}) {
      const response = await service.app.request(`http://localhost:7777${path}`, {
        method,
        headers: {
          host: "localhost:7777",
          ...(key === null ? {} : { authorization: `Bearer ${key}` }),
          ...(body === undefined ? {} : { "content-type": "application/json" }),
          ...headers,
        },
        ...(body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) }),
      });
      const text = await response.text();
      const isJson = response.headers.get("content-type")?.includes("json") === true;
      return {
        status: response.status,
        headers: response.headers,
        body: isJson && text !== "" ? JSON.parse(text) : text,
      };
    },
  };
}
