// Runs once per vitest run, in its main process, and starts nothing by itself: tests that need a store ask
// here, so that a run of pure unit tests pays nothing and all workers share one PostgreSQL server.
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { makeEmbeddedImage, type EmbeddedImage } from "./embedded-image.ts";
import { startPostgres, type PostgresServer } from "./postgres-server.ts";
import { makeTemplate, type TemplateDatabase } from "./template-database.ts";

declare module "vitest" {
  interface ProvidedContext {
    /** Where workers ask for stores. */
    holdpointStores: string;
  }
}

/** What the stores of all workers start from. */
export interface StoreSources {
  "/postgres": TemplateDatabase;
  "/embedded": EmbeddedImage;
}

let broker: Server | undefined;
let postgres: PostgresServer | undefined;
const answers = new Map<string, Promise<unknown>>();

const makers: { [Path in keyof StoreSources]: () => Promise<StoreSources[Path]> } = {
  "/postgres": async () => {
    postgres = await startPostgres({ maxConnections: 200 });
    return makeTemplate(postgres);
  },
  "/embedded": makeEmbeddedImage,
};

function answer(path: string): Promise<unknown> {
  const known = answers.get(path);
  if (known) return known;
  const made =
    path in makers
      ? makers[path as keyof StoreSources]()
      : Promise.reject(new Error(`No such store: ${path}`));
  answers.set(path, made);
  return made;
}

export async function setup(project: { provide(key: "holdpointStores", url: string): void }): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  broker = createServer((request, response) => {
    answer(request.url ?? "").then(
      (found) => response.end(JSON.stringify(found)),
      (error: unknown) => response.writeHead(500).end(String(error instanceof Error ? error.stack : error)),
    );
  }).listen(0, "127.0.0.1", resolve);
  await promise;
  project.provide("holdpointStores", `http://127.0.0.1:${(broker.address() as AddressInfo).port}`);
}

export async function teardown(): Promise<void> {
  broker?.closeAllConnections();
  broker?.close();
  await answers.get("/postgres")?.catch(() => {});
  await postgres?.remove();
}
