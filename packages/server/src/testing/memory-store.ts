import { openAsBlob } from "node:fs";
import type { Database } from "../database/database.ts";
import { openEmbedded } from "../database/embedded/embedded-database.ts";
import { makeEmbeddedImage } from "./embedded-image.ts";
import { silentLogger } from "./silent-logger.ts";

/** The clock of a database of tests: `hp_now()`, by which everything is decided. */
export interface StoreClock {
  /** Makes `hp_now()` this instant, from which it goes on; null: the real time again. */
  setClock(instant: string | null): Promise<void>;
  /** Puts `hp_now()` forward. */
  advance(ms: number): Promise<void>;
}

/** A migrated embedded database without a disk. */
export interface MemoryStore extends StoreClock {
  readonly database: Database;
  /** What `hp_now()` says. */
  now(): Promise<Date>;
  /** True when no worker has a run, and none is due. */
  isIdle(): Promise<boolean>;
  close(): Promise<void>;
}

/** Opens one from an image that is made once and kept among the installed packages: 0.4 s instead of 3. */
export async function openMemoryStore(): Promise<MemoryStore> {
  const { tarPath } = await makeEmbeddedImage();
  const database = await openEmbedded({ image: await openAsBlob(tarPath), logger: silentLogger });
  return {
    ...clockOf(database),
    database,
    now: async () => {
      const [row] = await database.query<{ ms: number }>(
        "select extract(epoch from holdpoint.hp_now())::double precision * 1000 as ms",
      );
      return new Date(row?.ms ?? Number.NaN);
    },
    isIdle: () => isIdle(database),
    close: () => database.close(),
  };
}

export function clockOf(database: Database): StoreClock {
  return {
    setClock: (instant) =>
      database.ownerSession(async (owner) => {
        await owner.query("select holdpoint.set_test_clock($1)", [instant]);
      }),
    advance: (ms) =>
      database.ownerSession(async (owner) => {
        const shift = "(holdpoint.hp_now() + $1 * interval '1 millisecond')::text";
        await owner.query(`select holdpoint.set_test_clock(${shift})`, [ms]);
      }),
  };
}

const AT_WORK = `select exists (
  select from holdpoint.runs where status in ('queued', 'running', 'holding') and heartbeat_seconds is null
    and (lease_owner is not null or (advance_at <= holdpoint.hp_now() and waits_for is null))
) as "isAtWork"`;

function isIdle(database: Database): Promise<boolean> {
  return database.ownerSession(async (owner) => {
    await owner.query("begin");
    // The owner is under forced row-level security too; rows across organisations are hp_definer's.
    await owner.query("set local role hp_definer");
    const { rows } = await owner.query<{ isAtWork: boolean }>(AT_WORK);
    await owner.query("commit");
    return rows[0]?.isAtWork === false;
  });
}
