// What PostgreSQL's background processes do on a server. PGlite is one process without them: its log of
// changes would grow, and dead rows would stay, for as long as it runs.
import type { ClientBase } from "pg";
import type { DatabaseLogger } from "../database.ts";
import type { EmbeddedEngine } from "./embedded-engine.ts";

const LOOK_EVERY_MS = 5_000;
/** Bounds the log on disk and the time of a recovery. A checkpoint of 32 MB of buffers blocks for 0.1 to 0.3 s. */
const CHECKPOINT_AFTER_BYTES = 96 * 1024 * 1024;
const VACUUM_EVERY_MS = 60_000;

/** Where a tenth of the rows (and more than a thousand) are dead or changed since the last look. */
const TABLES_TO_VACUUM = `
  select format('%I.%I', schemaname, relname) as name from pg_stat_user_tables
  where greatest(n_dead_tup, n_mod_since_analyze) > 1000 + 0.1 * n_live_tup
  order by n_dead_tup desc limit 5`;

export interface Maintenance {
  /** Does what is due now. */
  run(): Promise<void>;
  /** Waits for the round that runs. */
  stop(): Promise<void>;
}

export interface MaintenanceOptions {
  engine: EmbeddedEngine;
  ownerSession: <T>(work: (owner: ClientBase) => Promise<T>) => Promise<T>;
  logger: DatabaseLogger;
}

export function startMaintenance({ engine, ownerSession, logger }: MaintenanceOptions): Maintenance {
  let checkpointedAtBytes = 0;
  let vacuumedAt = performance.now();
  let vacuumedAtBytes = 0;
  let round: Promise<void> = Promise.resolve();

  async function run(): Promise<void> {
    const bytes = engine.bytesWritten;
    if (bytes < checkpointedAtBytes) checkpointedAtBytes = vacuumedAtBytes = 0; // it was reopened
    if (bytes - checkpointedAtBytes > CHECKPOINT_AFTER_BYTES) {
      await ownerSession((owner) => owner.query("checkpoint"));
      checkpointedAtBytes = engine.bytesWritten;
    }
    if (performance.now() - vacuumedAt > VACUUM_EVERY_MS && bytes > vacuumedAtBytes) {
      vacuumedAt = performance.now();
      await ownerSession(async (owner) => {
        const { rows } = await owner.query<{ name: string }>(TABLES_TO_VACUUM);
        for (const { name } of rows) await owner.query(`vacuum (analyze) ${name}`);
      });
      vacuumedAtBytes = engine.bytesWritten;
    }
  }

  function runLogged(): void {
    round = round
      .then(run)
      .catch((error: unknown) => logger.warn({ err: error }, "Upkeep of the embedded database failed."));
  }

  const timer = setInterval(runLogged, LOOK_EVERY_MS);
  timer.unref();
  return {
    run,
    stop: async () => {
      clearInterval(timer);
      await round;
    },
  };
}
