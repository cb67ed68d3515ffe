import type { DatabaseLogger } from "./database.ts";

/** Who is told of wake-ups. Both are called without waiting. */
export interface Listener {
  onNotify(payload: string): void;
  /** Wake-ups may have been missed: read again. Called after a reconnect and for payloads too long to send. */
  onResync(): void;
}

/** The wake-ups of one database: LISTEN/NOTIFY on a server, a local call in the embedded database. */
export interface Notifications {
  notify(payload: string): Promise<void>;
  listen(listener: Listener): Promise<{ close(): void }>;
  close(): Promise<void>;
}

/** Tells every listener; one that throws is logged and hides nothing from the others. */
export class ListenerSet {
  readonly #listeners = new Set<Listener>();
  readonly #logger: DatabaseLogger;

  constructor(logger: DatabaseLogger) {
    this.#logger = logger;
  }

  add(listener: Listener): { close(): void } {
    this.#listeners.add(listener);
    return { close: () => void this.#listeners.delete(listener) };
  }

  announce(payload: string): void {
    this.#tell((listener) => listener.onNotify(payload));
  }

  resync(): void {
    this.#tell((listener) => listener.onResync());
  }

  #tell(tell: (listener: Listener) => void): void {
    for (const listener of this.#listeners) {
      try {
        tell(listener);
      } catch (error) {
        this.#logger.error({ err: error }, "A listener of database wake-ups failed.");
      }
    }
  }
}

/** One process, so nothing needs to travel. Listeners run after the caller's current turn, as over a wire. */
export class LocalNotifications implements Notifications {
  readonly #listeners: ListenerSet;

  constructor(logger: DatabaseLogger) {
    this.#listeners = new ListenerSet(logger);
  }

  async notify(payload: string): Promise<void> {
    setImmediate(() => this.#listeners.announce(payload));
  }

  async listen(listener: Listener): Promise<{ close(): void }> {
    return this.#listeners.add(listener);
  }

  async close(): Promise<void> {}
}
