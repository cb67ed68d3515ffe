import { Kysely, PostgresDialect, type PostgresPool } from "kysely";
import type { Database } from "../database/database.ts";

const TIMESTAMPTZ = 1184;

interface QueryResult {
  fields: { name: string; dataTypeID: number }[];
  rows: Record<string, unknown>[];
}

/** What of a `pg` connection is used here. */
interface Connection {
  query(text: string, values: unknown[]): Promise<QueryResult>;
  release(error?: boolean): void;
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

function withDates(connection: Connection): Connection {
  return {
    query: async (text, values) => {
      const result = await connection.query(text, values);
      // Afterwards, not by a parser of this query: PGlite's adapter takes `types` of a query for something else.
      for (const { name, dataTypeID } of result.fields) {
        if (dataTypeID !== TIMESTAMPTZ) continue;
        for (const row of result.rows) if (typeof row[name] === "string") row[name] = new Date(row[name]);
      }
      return result;
    },
    release: (error) => connection.release(error),
  };
}
