// LISTEN/NOTIFY on one dedicated connection.
//
// Owns: that connection, its reconnecting, the set of listeners. Does not own: coalescing, what a payload means.
// N1  A listener is registered before LISTEN is acknowledged to its caller: nothing committed later is missed.
// N2  After every reconnect each listener gets one resync, because wake-ups of the gap are lost.
import pg from "pg";
import type { DatabaseLogger } from "./database.ts";
import { ListenerSet, type Listener, type Notifications } from "./notifications.ts";

const CHANNEL = "holdpoint";
/** PostgreSQL refuses a payload of 8,000 bytes; this one says "read everything again". */
const MAX_PAYLOAD_BYTES = 7_999;
const RESYNC_PAYLOAD = "*";
const MAX_RECONNECT_DELAY_MS = 5_000;

export class PostgresNotifications implements Notifications {
  readonly #config: pg.ClientConfig;
  readonly #logger: DatabaseLogger;
  readonly #listeners: ListenerSet;
  #connection: Promise<pg.Client> | undefined;
  #reconnectTimer: NodeJS.Timeout | undefined;
  #failedAttempts = 0;
  #isClosed = false;

  constructor(config: pg.ClientConfig, logger: DatabaseLogger) {
    this.#config = config;
    this.#logger = logger;
    this.#listeners = new ListenerSet(logger);
  }

  async notify(payload: string): Promise<void> {
    const fits = Buffer.byteLength(payload) <= MAX_PAYLOAD_BYTES;
    const client = await this.#connect();
    await client.query({
      name: "notify",
      text: "select pg_notify($1, $2)",
      values: [CHANNEL, fits ? payload : RESYNC_PAYLOAD],
    });
  }

  async listen(listener: Listener): Promise<{ close(): void }> {
    const subscription = this.#listeners.add(listener); // N1
    try {
      await this.#connect();
      return subscription;
    } catch (error) {
      subscription.close();
      throw error;
    }
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#reconnectTimer);
    const client = await this.#connection?.catch(() => undefined);
    await client?.end();
  }

  #connect(): Promise<pg.Client> {
    if (this.#isClosed) return Promise.reject(new Error("The database is closed."));
    this.#connection ??= this.#open().catch((error: unknown) => {
      this.#connection = undefined;
      throw error;
    });
    return this.#connection;
  }

  async #open(): Promise<pg.Client> {
    // A notification is a transaction with a log record; nothing is lost with one, so it need not wait for the disk.
    const options = [this.#config.options, "-c synchronous_commit=off"].filter(Boolean).join(" ");
    const client = new pg.Client({ ...this.#config, options });
    client.on("notification", ({ payload = "" }) => {
      if (payload === RESYNC_PAYLOAD) this.#listeners.resync();
      else this.#listeners.announce(payload);
    });
    let isListening = false;
    client.on("error", (error) =>
      this.#logger.warn({ error: error.message }, "The connection for wake-ups failed."),
    );
    client.on("end", () => {
      if (!isListening) return;
      this.#connection = undefined;
      this.#reconnect();
    });
    try {
      await client.connect();
      await client.query(`listen ${CHANNEL}`);
    } catch (error) {
      await client.end();
      throw error;
    }
    isListening = true;
    this.#failedAttempts = 0;
    return client;
  }

  #reconnect(): void {
    if (this.#isClosed) return;
    const delayMs = Math.min(50 * 2 ** this.#failedAttempts++, MAX_RECONNECT_DELAY_MS);
    this.#reconnectTimer = setTimeout(() => {
      this.#connect().then(
        () => this.#listeners.resync(), // N2
        () => this.#reconnect(),
      );
    }, delayMs);
    this.#reconnectTimer.unref();
  }
}
