// A `pg` client over PGlite.
//
// Owns: one session of the engine, from connect to end. Does not own: the engine.
// C1  A client that ends, however it ends, leaves nothing: an open transaction is rolled back, prepared
//     statements, settings and role are discarded, and only then may the next session begin.
// C2  After end nothing of this client is sent any more, as with a closed socket.
import { PglitePgConnection } from "@electric-sql/pglite/node-postgres";
import type { PGlite } from "@electric-sql/pglite";
import pg from "pg";
import type { EmbeddedEngine } from "./embedded-engine.ts";

/** Sync, Query, Flush, CopyData, CopyDone, CopyFail: after these PostgreSQL answers. */
const ANSWERED = new Set(Array.from("SQHdcf", (letter) => letter.charCodeAt(0)));

/** The service at work runs as hp_app, once the first migration has made it. */
const ENTER_APP_ROLE = "select set_config('role', rolname, false) from pg_roles where rolname = 'hp_app'";

/** What the adapter needs of PGlite: one session of the engine, which sends a statement's messages together. */
class EngineSession {
  readonly #engine: EmbeddedEngine;
  #held: Uint8Array[] = [];
  #leave: (() => void) | undefined;
  #isEnded = false;

  constructor(engine: EmbeddedEngine) {
    this.#engine = engine;
  }

  readonly waitReady = Promise.resolve();

  async begin(): Promise<void> {
    const leave = await this.#engine.enter();
    if (this.#isEnded) {
      leave();
      return;
    }
    this.#leave = leave;
    try {
      await this.#engine.run(ENTER_APP_ROLE);
    } catch (error) {
      await this.end(); // the pool forgets a client that could not connect without ending it
      throw error;
    }
  }

  async execProtocolStream(message: Uint8Array): Promise<Awaited<ReturnType<EmbeddedEngine["exchange"]>>> {
    if (this.#isEnded) return []; // C2
    this.#held.push(message);
    if (!ANSWERED.has(message[0] ?? 0)) return [];
    const messages = this.#held.length === 1 ? message : Buffer.concat(this.#held);
    this.#held = [];
    return this.#engine.exchange(messages);
  }

  /** C1. */
  async end(): Promise<void> {
    if (this.#isEnded) return;
    this.#isEnded = true;
    const leave = this.#leave;
    if (!leave) return;
    try {
      if (this.#engine.isAlive && this.#engine.isInTransaction()) await this.#engine.run("rollback");
      if (this.#engine.isAlive) await this.#engine.run("discard all");
    } finally {
      leave();
    }
  }
}

class EngineConnection extends PglitePgConnection {
  readonly #session: EngineSession;

  constructor(engine: EmbeddedEngine) {
    const session = new EngineSession(engine);
    super({ pglite: session as unknown as PGlite });
    this.#session = session;
  }

  override async connect(): Promise<void> {
    this._connecting = true;
    try {
      await this.#session.begin();
    } catch (error) {
      this.emit("error", error);
      return;
    }
    process.nextTick(() => this.emit("readyForQuery", { status: "I" }));
  }

  /** The adapter would emit `end` at once and hand its one connection on; here each client has its own. */
  override end(): void {
    void this.#session.end().then(
      () => this.emit("end"),
      () => this.emit("end"),
    );
  }
}

/** The `Client` class for a `pg.Pool` over this engine. */
export function embeddedClientClass(engine: EmbeddedEngine): new (config?: pg.ClientConfig) => pg.Client {
  return class EmbeddedClient extends pg.Client {
    constructor(config?: pg.ClientConfig) {
      super({ ...config, connection: new EngineConnection(engine) } as pg.ClientConfig);
    }
  };
}
