// At most one holder of a name on a database, over all processes.
//
// Owns: on a server, a connection of its own with a session advisory lock; in the embedded database, whose folder is
// locked for one process, an entry in a map. Does not own: what the holder does.
// E1  The holder works on the very connection that holds the lock: when it is lost, so are the lock and the statement
//     under way. A holder that does not know yet that it lost the lock can do nothing.
// E2  A dead machine is found by keepalives within about 15 s; until then nobody else holds the name.
import { createHash } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import pg from "pg";
import type { DatabaseLogger, Queries } from "./database.ts";
import { runHotFunction } from "./statement.ts";

/** A session that nobody else has the like of. */
export interface ExclusiveSession extends Pick<Queries, "call"> {
  /** Fires when the session is over: `call` fails from then on. */
  readonly lost: AbortSignal;
  /** Lets another one have it. Repeating it does nothing. */
  release(): Promise<void>;
}

/** Waits until the name is free. Rejects with the signal's reason when it fires first. */
export type Elect = (name: string, signal: AbortSignal) => Promise<ExclusiveSession>;

const ASK_EVERY_MS = 500;
const KEEPALIVE = `
  select set_config('tcp_keepalives_idle', '5', false), set_config('tcp_keepalives_interval', '3', false),
    set_config('tcp_keepalives_count', '3', false)`;

export function postgresElection(config: pg.ClientConfig, logger: DatabaseLogger): Elect {
  return async (name, signal) => {
    for (;;) {
      signal.throwIfAborted();
      try {
        return await candidate(config, lockKey(name), signal);
      } catch (error) {
        if (signal.aborted) throw signal.reason;
        logger.warn({ err: error }, `The database connection for ${name} failed; trying again.`);
      }
      await delay(ASK_EVERY_MS, undefined, { signal });
    }
  };
}

/** Asks again and again on one idle connection: a statement that waits would hold back vacuum for as long. */
async function candidate(
  config: pg.ClientConfig,
  key: string,
  signal: AbortSignal,
): Promise<ExclusiveSession> {
  const client = new pg.Client(config);
  const lost = new AbortController();
  client.on("error", () => lost.abort(new Error("The database connection was lost.")));
  client.on("end", () => lost.abort(new Error("The database connection has ended.")));
  try {
    await client.connect();
    await client.query(KEEPALIVE);
    for (;;) {
      const { rows } = await client.query<{ has: boolean }>("select pg_try_advisory_lock($1) as has", [key]);
      if (rows[0]?.has === true) break;
      await delay(ASK_EVERY_MS, undefined, { signal: AbortSignal.any([signal, lost.signal]) });
    }
  } catch (error) {
    await client.end().catch(() => undefined); // the connection may be gone, and with it what there is to end
    throw error;
  }
  return {
    lost: lost.signal,
    call: (name, ...args) => runHotFunction(client, name, args),
    release: () => client.end().catch(() => undefined),
  };
}

/** The embedded database has one process, and its owner one session: whoever comes later waits for the release. */
export function localElection(call: Queries["call"]): Elect {
  const holders = new Map<string, Promise<void>>();
  return async (name, signal) => {
    for (let holder = holders.get(name); holder !== undefined; holder = holders.get(name)) {
      await Promise.race([holder, aborted(signal)]);
      signal.throwIfAborted();
    }
    const { promise, resolve } = Promise.withResolvers<void>();
    holders.set(name, promise);
    const lost = new AbortController();
    return {
      lost: lost.signal,
      call: async (...args) => {
        lost.signal.throwIfAborted();
        return call(...args);
      },
      release: async () => {
        if (lost.signal.aborted) return;
        lost.abort(new Error("The session was released."));
        holders.delete(name);
        resolve();
      },
    };
  };
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
}

/** A key of 64 bits, so that another program's locks in this database are other ones. */
function lockKey(name: string): string {
  return createHash("sha256").update(`holdpoint ${name}`).digest().readBigInt64BE().toString();
}
