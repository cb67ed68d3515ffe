import { Kysely, PostgresDialect, type PostgresPool } from "kysely";
import type { Database } from "../database/database.ts";

const TIMESTAMPTZ = 1184;

/** What of a `pg` connection is used here. */
interface Connection {
  query(query: object): unknown;
  release(error?: boolean): void;
  getTypeParser(oid: number, format: "text"): (value: string) => unknown;
}

/**
 * Kysely for better-auth, over the service's own pool. Only the way instants are read differs: better-auth compares them
 * as dates, and would take our text for a session that never ends.
 */
export function authDatabase(database: Database): Kysely<unknown> {
  const pool = {
    connect: async () => withDates(await database.pool.connect()),
    end: async () => {}, // the pool is the service's
  };
  return new Kysely<unknown>({ dialect: new PostgresDialect({ pool: pool as unknown as PostgresPool }) });
}

function withDates(connection: Connection): object {
  const types = {
    getTypeParser: (oid: number) => {
      const parse = connection.getTypeParser(oid, "text");
      return oid === TIMESTAMPTZ ? (value: string) => new Date(String(parse(value))) : parse;
    },
  };
  return {
    query: (text: string, values: unknown[]) => connection.query({ text, values, types }),
    release: (error?: boolean) => connection.release(error),
  };
}
