import pg from "pg";
import { startPostgres } from "../../packages/server/src/testing/postgres-server.ts";

/** A statement that clients sent: one is one round trip. */
export interface CountedStatement {
  text: string;
  calls: number;
}

/** The PostgreSQL server on which everything is measured, and what can be asked of it. */
export interface ObservedPostgres {
  readonly version: string;
  /** The process whose children are the server. */
  readonly pid: number;
  /** Makes an empty database; resolves to its URL. */
  createDatabase(name: string): Promise<string>;
  /** Writes out what earlier cells left in memory, so that no cell pays for the one before it. */
  checkpoint(): Promise<void>;
  /** The statements that clients send to a database while `work` runs. */
  countStatements(database: string, work: () => Promise<void>): Promise<CountedStatement[]>;
  /** Bytes of all tables of a database outside the catalogue, with their indexes and dead rows. */
  tableBytes(database: string): Promise<number>;
  /** Bytes of write-ahead log that the server has written since it was made. */
  walBytes(): Promise<number>;
  run(database: string, sql: string): Promise<void>;
  /** The first column of the first row. */
  readNumber(database: string, sql: string): Promise<number>;
  /** The only row. Its columns are taken to be what the type says. */
  readRow<Row extends object>(database: string, sql: string): Promise<Row>;
  remove(): Promise<void>;
}

const SIZE_OF_TABLES = `
  select coalesce(sum(pg_total_relation_size(c.oid)), 0)
  from pg_class c join pg_namespace n on n.oid = c.relnamespace
  where c.relkind in ('r', 'm') and n.nspname not in ('pg_catalog', 'information_schema')`;

const COUNTED_STATEMENTS = `
  select s.query as text, s.calls::int as calls
  from pg_stat_statements s join pg_database d on d.oid = s.dbid
  where s.toplevel and d.datname = $1 order by s.calls desc`;

/** Starts a PostgreSQL as durable as in production: fsync and synchronous_commit on, all else as it comes or is given. */
export async function startObservedPostgres(settings: readonly string[] = []): Promise<ObservedPostgres> {
  const server = await startPostgres({
    fsync: true,
    maxConnections: 150,
    settings: ["shared_preload_libraries=pg_stat_statements", ...settings],
  });

  async function ask<Row extends object>(database: string, sql: string, values?: unknown[]): Promise<Row[]> {
    const connection = new pg.Client(server.url(database));
    await connection.connect();
    try {
      return (await connection.query<Row>(sql, values)).rows;
    } finally {
      await connection.end();
    }
  }

  async function readNumber(database: string, sql: string): Promise<number> {
    const [row] = await ask<Record<string, string>>(database, sql);
    return Number(Object.values(row ?? {})[0]);
  }

  async function readRow<Row extends object>(database: string, sql: string): Promise<Row> {
    const [row] = await ask<Row>(database, sql);
    if (row === undefined) throw new Error(`No row of ${sql}`);
    return row;
  }

  await ask("postgres", "create extension pg_stat_statements");
  return {
    version: server.version,
    pid: await readNumber("postgres", "select split_part(pg_read_file('postmaster.pid'), E'\\n', 1)"),
    async createDatabase(name) {
      await ask("postgres", `create database ${name}`);
      return server.url(name);
    },
    async checkpoint() {
      await ask("postgres", "checkpoint");
    },
    async countStatements(database, work) {
      await ask("postgres", "select pg_stat_statements_reset()");
      await work();
      return ask<CountedStatement>("postgres", COUNTED_STATEMENTS, [database]);
    },
    tableBytes: (database) => readNumber(database, SIZE_OF_TABLES),
    walBytes: () => readNumber("postgres", "select pg_current_wal_lsn() - '0/0'::pg_lsn"),
    run: async (database, sql) => void (await ask(database, sql)),
    readNumber,
    readRow,
    remove: () => server.remove(),
  };
}
