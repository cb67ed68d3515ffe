import { once } from "node:events";
import { connect, createServer, type AddressInfo, type Socket } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { CheckedPool } from "../../src/database/checked-pool.ts";
import { isConnectionLoss } from "../../src/database/database-error.ts";
import { openDatabase, type Database } from "../../src/database/database.ts";
import { migrate } from "../../src/database/migrations.ts";
import { startPostgres, type PostgresServer } from "../../src/testing/postgres-server.ts";
import { silentLogger as logger } from "../../src/testing/silent-logger.ts";

let server: PostgresServer;
let database: Database;
beforeAll(async () => {
  server = await startPostgres({ settings: ["synchronous_commit=on"] });
  database = await openDatabase({ url: server.url(), poolSize: 4, logger });
  await database.ownerSession((owner) => migrate(owner));
  await database.ownerSession((owner) =>
    owner.query(`create table public.notes (id int primary key); grant all on public.notes to hp_app;
      create function holdpoint.note_v1(id int) returns json language sql as
        'insert into public.notes values (id) on conflict do nothing; select ''true''::json'`),
  );
});
afterAll(async () => {
  await database.close();
  await server.remove();
});

/** Idle connections end a moment later here than there; until then one may be handed out and fail its statement. */
async function countNotes(condition: string): Promise<number> {
  const { promise, resolve } = Promise.withResolvers<number>();
  await expect
    .poll(() =>
      database.query<{ n: number }>(`select count(*) as n from public.notes where ${condition}`).then(
        ([row]) => resolve(row!.n),
        (error: { code: string }) => error.code,
      ),
    )
    .toBeUndefined();
  return promise;
}

/** Ends every session of the pool on the server's side. */
async function terminateSessions(): Promise<void> {
  await database.ownerSession((owner) =>
    owner.query(
      "select pg_terminate_backend(pid) from pg_stat_activity where pid <> pg_backend_pid() and datname is not null",
    ),
  );
}

describe("a lost connection", () => {
  test("that dies in the bytes that opened it is an error of its first statement, and ends no process", async () => {
    const opened = Buffer.from("R\0\0\0\u0008\0\0\0\0Z\0\0\0\u0005I", "latin1"); // AuthenticationOk, ReadyForQuery
    const farewell = Buffer.from("SFATAL\0C57P01\0Mterminating connection\0\0", "latin1");
    const length = Buffer.alloc(4);
    length.writeInt32BE(farewell.length + 4);
    const impostor = createServer((socket) => {
      socket.once("data", () => socket.end(Buffer.concat([opened, Buffer.from("E"), length, farewell])));
    }).listen(0, "127.0.0.1");
    await once(impostor, "listening");
    const { port } = impostor.address() as AddressInfo;
    const pool = new CheckedPool({ host: "127.0.0.1", port, user: "x", database: "x", logger });
    const client = await pool.connect();
    const failure = await client.query("select 1").catch((error: unknown) => error);
    expect(isConnectionLoss(failure)).toBe(true);
    client.release();
    expect(pool.totalCount).toBe(0);
    await pool.end();
    impostor.close();
  });

  test("that died silently while idle is found by a ping and replaced", async () => {
    const tunnel = await openTunnel(server.port);
    const url = new URL(server.url());
    url.port = String(tunnel.port);
    const pool = new CheckedPool({
      connectionString: url.href,
      logger,
      pingAfterIdleMs: 0,
      pingTimeoutMs: 100,
    });
    const pid = async (): Promise<unknown> =>
      (await pool.query<{ pid: number }>("select pg_backend_pid() as pid")).rows[0]?.pid;
    const first = await pid();
    expect(await pid()).toBe(first);
    tunnel.forget();
    expect(await pid()).not.toBe(first);
    await pool.end();
    tunnel.close();
  });

  test("under an idempotent call is replaced and the call repeated", async () => {
    const calls = Array.from({ length: 1_000 }, (_, id) => database.callIdempotent("note_v1", id));
    const all = Promise.all(calls);
    for (let round = 0; round < 3; round++) await terminateSessions(); // each call can bear it six times
    expect(await all).toEqual(calls.map(() => true));
    expect(await countNotes("true")).toBe(1_000);
  });

  test("under any other call is its error, and the next call has a new connection", async () => {
    const { promise: begun, resolve: begin } = Promise.withResolvers<void>();
    const work = database.transaction(async (tx) => {
      await tx.query("insert into public.notes values (1500)");
      begin();
      await tx.query("select pg_sleep(60)");
    });
    const outcome = work.then(
      () => "committed",
      (error: { code: string }) => error.code,
    );
    await begun;
    await terminateSessions();
    expect(await outcome).toBe("57P01");
    expect(await countNotes("id = 1500")).toBe(0);
  });

  test("between two statements of a transaction fails it and ends no process", async () => {
    const work = database.transaction(async (tx) => {
      await tx.query("insert into public.notes values (1501)");
      const { promise: lost, resolve: lose } = Promise.withResolvers<void>();
      tx.client.on("end", lose);
      await terminateSessionsBeside();
      await lost;
      await tx.query("select 1");
    });
    await expect(work).rejects.toThrow(/connection|terminat/i);
    expect(await countNotes("id = 1501")).toBe(0);
  });

  test("a server killed and started again is found again, with what it acknowledged", async () => {
    await database.query("insert into public.notes values (2000)");
    await server.kill();
    await expect(database.query("select 1")).rejects.toThrow(/ECONN|EPIPE|terminat/);
    const [result] = await Promise.all([database.callIdempotent("note_v1", 2001), server.start()]);
    expect(result).toBe(true);
    expect(await database.query("select id from public.notes where id >= 2000 order by id")).toEqual([
      { id: 2000 },
      { id: 2001 },
    ]);
  });

  test("an idempotent call gives up after a bounded time with the cause", async () => {
    await server.stop();
    await expect(database.callIdempotent("note_v1", 3000)).rejects.toMatchObject({ code: "ECONNREFUSED" });
    await server.start();
    expect(await database.query("select 1 as one")).toEqual([{ one: 1 }]);
  }, 30_000);
});

/** A way to the server that can stop passing anything on, as a firewall does that forgot a connection. */
async function openTunnel(port: number): Promise<{ port: number; forget(): void; close(): void }> {
  const sockets = new Set<Socket>();
  const listener = createServer((inner) => {
    const outer = connect(port, "127.0.0.1");
    sockets.add(inner).add(outer);
    inner.pipe(outer).pipe(inner);
    for (const socket of [inner, outer]) socket.on("error", () => {});
  }).listen(0, "127.0.0.1");
  await once(listener, "listening");
  return {
    port: (listener.address() as AddressInfo).port,
    forget: () => {
      for (const socket of sockets) socket.unpipe().pause();
    },
    close: () => {
      for (const socket of sockets) socket.destroy();
      listener.close();
    },
  };
}

/** The same from another client, because the pool's owner session is refused inside a transaction's flow. */
async function terminateSessionsBeside(): Promise<void> {
  const beside = await openDatabase({ url: server.url(), logger });
  await beside.ownerSession((owner) =>
    owner.query(
      "select pg_terminate_backend(pid) from pg_stat_activity where pid <> pg_backend_pid() and datname is not null",
    ),
  );
  await beside.close();
}
