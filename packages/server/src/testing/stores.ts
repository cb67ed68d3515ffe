import { randomBytes } from "node:crypto";
import { cpSync, openAsBlob } from "node:fs";
import { afterAll, afterEach, beforeAll, describe, expect, inject } from "vitest";
import { openEmbedded } from "../database/embedded/embedded-database.ts";
import { openDatabase, type Database } from "../database/database.ts";
import type { StoreSources } from "./global-setup.ts";
import { clockOf, type StoreClock } from "./memory-store.ts";
import { silentLogger } from "./silent-logger.ts";
import { cloneTemplate } from "./template-database.ts";

/** A migrated database of a test's own. */
export interface TestStore extends StoreClock {
  readonly kind: Database["kind"];
  readonly database: Database;
  /** Where another process or pool reaches the same database; undefined for the embedded one. */
  readonly url: string | undefined;
}

export interface OpenTestStore extends TestStore {
  close(): Promise<void>;
}

export const storeKinds = ["embedded", "postgres"] as const satisfies Database["kind"][];

/**
 * Declares the same tests for the embedded database and for a real PostgreSQL. `body` gets a function that
 * gives the store, which exists from the first hook on and is shared by the tests of this block: let each
 * test have its own organisation. A test that leaves a connection checked out fails.
 */
export function describeEachStore(name: string, body: (store: () => TestStore) => void): void {
  describe.each(storeKinds)(`${name} (%s)`, (kind) => {
    let store: OpenTestStore | undefined;
    beforeAll(async () => {
      store = await openTestStore(kind);
    });
    afterEach(async () => {
      if (store) await expectNoLeak(store.database);
    });
    afterAll(async () => {
      await store?.close();
    });
    body(() => {
      if (!store) throw new Error("The store opens in a hook: call store() inside tests and hooks.");
      return store;
    });
  });
}

/** Makes `dataDir` the folder of a migrated embedded database, in a fraction of the time that takes. */
export async function fillDataDir(dataDir: string): Promise<void> {
  const { folderPath } = await askFor("/embedded");
  cpSync(folderPath, dataDir, { recursive: true });
}

/** Opens a migrated database that nobody else uses; to be closed by the caller. */
export async function openTestStore(kind: Database["kind"]): Promise<OpenTestStore> {
  if (kind === "embedded") {
    const database = await openEmbedded({
      image: await openAsBlob((await askFor("/embedded")).tarPath),
      logger: silentLogger,
    });
    return { ...clockOf(database), kind, database, url: undefined, close: () => database.close() };
  }
  const source = await askFor("/postgres");
  const clone = await cloneTemplate(source, `test_${randomBytes(6).toString("hex")}`);
  const database = await openDatabase({ url: clone.url, logger: silentLogger });
  return {
    ...clockOf(database),
    kind,
    database,
    url: clone.url,
    close: async () => {
      await database.close();
      await clone.drop();
    },
  };
}

async function askFor<Path extends keyof StoreSources>(path: Path): Promise<StoreSources[Path]> {
  const broker = inject("holdpointStores") as string | undefined;
  if (!broker)
    throw new Error("vitest.config.ts must name packages/server/src/testing/global-setup.ts as globalSetup.");
  // The broker may close an idle connection at the moment it is used again: asked once more, on a new one.
  const url = new URL(path, broker);
  const response = await fetch(url).catch(() => fetch(url));
  if (!response.ok) throw new Error(await response.text());
  return (await response.json()) as StoreSources[Path];
}

/** Connections may be on their way back for a moment; one that stays out was forgotten. */
async function expectNoLeak(database: Database): Promise<void> {
  const checkedOut = (): number => database.pool.totalCount - database.pool.idleCount;
  await expect
    .poll(checkedOut, {
      timeout: 10_000,
      interval: 5,
      message: "connections that this test left checked out",
    })
    .toBe(0);
}
