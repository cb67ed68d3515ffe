// Holdpoint as it is deployed: the whole service, with its sweeper, worker and wake-ups, listening on a port.
// A process of its own.
import {
  createService,
  defineAgent,
  defineConfig,
  defineTool,
  listen,
  openDatabase,
  Secret,
} from "@holdpoint/server";
import pino from "pino";
import { setTimeout as delay } from "node:timers/promises";
import { z } from "zod";
import { becomeChild } from "../processes/child.ts";
import { FINAL_ANSWER, PROPOSED_ACTION } from "../load/target.ts";

/** Where the service keeps its data: a URL of PostgreSQL, or a folder for PGlite. */
export type ProductStore = { url: string; poolSize: number } | { dataDir: string };

/** What it says when it is ready. */
export interface ProductReady {
  url: string;
  orgId: string;
  /** May propose. */
  agentKey: string;
  /** May decide: a member's. */
  operatorKey: string;
}

/** In bytes, after garbage was collected; that takes `--expose-gc`. */
export interface ProductMemory {
  rss: number;
  /** JavaScript's heap and the buffers outside of it. */
  heap: number;
}

async function readMemory(): Promise<ProductMemory> {
  // What ended just now is let go of over some turns.
  for (let round = 0; round < 5; round++) {
    await delay(200);
    globalThis.gc?.();
  }
  const { rss, heapUsed, external } = process.memoryUsage();
  return { rss, heap: heapUsed + external };
}

// The level of production; at this level a request writes no line.
const logger = pino({ level: "warn" }, pino.destination(2));
const store = JSON.parse(process.argv[2] ?? "") as ProductStore;
const database = await openDatabase({ ...store, logger });

const config = defineConfig({
  // Counted as always; the load is one key's and more than a minute allows by default.
  limits: { requestsPerMinute: 1_000_000_000 },
  agents: [
    defineAgent({
      id: "data_manager",
      name: "Data Manager",
      model: "openai/gpt-5.2",
      instructions: "Keep the tables tidy.",
      script: ({ results }) =>
        results.length === 0 ? { toolCalls: [PROPOSED_ACTION] } : { text: FINAL_ANSWER },
      tools: [
        defineTool({
          name: PROPOSED_ACTION.name,
          description: "Delete the oldest records of a table.",
          input: z.object({ table_name: z.enum(["users"]), count: z.int().min(1).max(1_000) }),
          reversibility: "irreversible",
          requiresConfirmation: true,
          execute: () => ({ deleted: 0 }),
        }),
      ],
    }),
  ],
});

const service = await createService({
  config,
  database,
  secret: new Secret("a secret of the benchmark, which guards nothing"),
  publicUrl: "http://localhost:7777",
  environment: {},
  logger,
  version: "0.0.0",
  streamLimits: { perCredential: 50_000, perInstance: 50_000 },
});
const admin = await service.start();
const listening = await listen({ fetch: service.app.fetch, host: "127.0.0.1", port: 0 });

becomeChild<ProductReady, "memory", ProductMemory>({
  answer: readMemory,
  ready: {
    url: `http://127.0.0.1:${listening.port}`,
    orgId: admin.orgId,
    agentKey: admin.exampleKey,
    operatorKey: admin.localKey,
  },
  stop: async () => {
    await listening.close();
    await service.stop();
    await database.close();
  },
});
