import type { Client } from "pg";
import { CheckedPool } from "../checked-pool.ts";
import type { Database, DatabaseLogger } from "../database.ts";
import { LocalNotifications } from "../notifications.ts";
import { PooledDatabase } from "../pooled-database.ts";
import { typeParsers } from "../type-parsers.ts";
import type { DiskOperations } from "./durable-file-system.ts";
import { openDataFolder, type DataFolder } from "./data-folder.ts";
import { embeddedClientClass } from "./embedded-client.ts";
import { EmbeddedEngine } from "./embedded-engine.ts";
import { startMaintenance } from "./maintenance.ts";

const WAIT_FOR_CONNECTION_MS = 10_000;

export interface EmbeddedOptions {
  /** Absent: in memory. */
  dataDir?: string;
  /** A dumped data folder to start from; only in memory. */
  image?: Blob;
  logger: DatabaseLogger;
  /** Opens a folder that was moved or is being moved: for the move itself. */
  isMove?: boolean;
  /** How bytes reach the disk; tests count and fail there. */
  disk?: DiskOperations;
  /** Default WAIT_FOR_CONNECTION_MS. */
  waitForConnectionMs?: number;
}

export interface EmbeddedDatabase extends Database {
  readonly kind: "embedded";
  /** The data folder as a tar archive, from which another in-memory database may start. */
  dump(): Promise<Blob>;
  /** Does the upkeep that is due now, which a timer does otherwise. */
  maintain(): Promise<void>;
}

/** Opens PGlite behind a pool of one connection. Throws DatabaseOpenError. */
export async function openEmbedded(options: EmbeddedOptions): Promise<EmbeddedDatabase> {
  const { dataDir, image, disk, logger } = options;
  const folder = dataDir === undefined ? undefined : await openDataFolder(dataDir, options.isMove);
  const engine = await startEngine(folder, { ...(image && { image }), ...(disk && { disk }) });
  const pool = new CheckedPool({
    Client: embeddedClientClass(engine),
    max: 1,
    // The session costs nothing while idle, and closing it would let nobody in who could not come in anyway.
    idleTimeoutMillis: 0,
    connectionTimeoutMillis: options.waitForConnectionMs ?? WAIT_FOR_CONNECTION_MS,
    types: typeParsers,
    logger,
  });

  async function ownerSession<T>(work: (owner: Client) => Promise<T>): Promise<T> {
    const client = await pool.connect();
    try {
      await client.query("reset role");
      return await work(client);
    } finally {
      client.release(true); // the next session starts as hp_app again
    }
  }

  const maintenance = folder && startMaintenance({ engine, ownerSession, logger });
  const database = new PooledDatabase({
    kind: "embedded",
    pool,
    notifications: new LocalNotifications(logger),
    logger,
    ownerSession,
    close: async () => {
      await engine.close();
      folder?.release();
    },
    stopUpkeep: async () => maintenance?.stop(),
  });
  return Object.assign(database, {
    kind: "embedded" as const,
    dump: () => ownerSession(() => engine.dump()),
    maintain: async () => maintenance?.run(),
  });
}

async function startEngine(
  folder: DataFolder | undefined,
  options: { image?: Blob; disk?: DiskOperations },
): Promise<EmbeddedEngine> {
  if (!folder) return EmbeddedEngine.open(options);
  try {
    const engine = await EmbeddedEngine.open({ ...options, folder: folder.databaseFolder });
    if (folder.isNew) {
      await engine.dropTemplates();
      await folder.confirmCreation();
    }
    return engine;
  } catch (error) {
    folder.release();
    throw folder.explain(error);
  }
}
