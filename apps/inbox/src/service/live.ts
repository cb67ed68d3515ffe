import type { StreamEvent } from "@holdpoint/client";
import { isSignedOut, holdpoint } from "./client.ts";
import { queryClient } from "./queries.ts";
import { Store } from "./store.ts";

/** How current the page is. `reconnecting`: what is shown may be old; nothing was lost (I12). */
export type Connection = "connecting" | "live" | "reconnecting" | "signed_out";

export const connection = new Store<Connection>("connecting");

const COALESCE_MS = 60;

/**
 * Follows the organisation's events for as long as the page lives, and refetches what each of them touches.
 *
 * Owns the connection and the cursor. Does not own data: an event only says what to read again, so whatever comes
 * twice, late or out of order cannot put something wrong on the screen.
 */
class Live {
  #cursor: string | undefined;
  #abort: AbortController | undefined;
  #pending = new Set<string>();
  #isScheduled = false;

  start(): void {
    window.addEventListener("online", () => this.#restart());
    window.addEventListener("offline", () => {
      // The stream may not notice for a while that nobody is there any more.
      if (connection.get() === "live") connection.set("reconnecting");
      this.#restart();
    });
    this.#restart();
  }

  #restart(): void {
    this.#abort?.abort();
    this.#abort = new AbortController();
    void this.#follow(this.#abort.signal);
  }

  async #follow(signal: AbortSignal): Promise<void> {
    try {
      const events = holdpoint.events({
        signal,
        lastEventId: this.#cursor,
        // Somebody may be looking and waiting.
        maxReconnectMs: 3_000,
        onCursor: (cursor) => (this.#cursor = cursor),
        onOpen: () => {
          const isFirst = connection.get() === "connecting";
          connection.set("live");
          // Between the first read and the first open something may have happened that is in neither.
          if (isFirst) this.#touch("holds", "runs", "hold", "run", "audit");
          // What could not be read while there was no connection can be read now.
          void queryClient.refetchQueries({
            type: "active",
            predicate: (query) => query.state.error !== null,
          });
        },
        onReconnect: () => connection.set("reconnecting"),
      });
      for await (const event of events) this.#apply(event);
    } catch (error) {
      if (!signal.aborted) connection.set(isSignedOut(error) ? "signed_out" : "reconnecting");
    }
  }

  #apply(event: StreamEvent): void {
    if (!("id" in event)) return;
    this.#touch("audit");
    if (event.holdId !== null) this.#touch("holds", `hold/${event.holdId}`);
    if (event.runId !== null) this.#touch("runs", `run/${event.runId}`);
  }

  /** Several events of one transaction are one refetch. */
  #touch(...keys: string[]): void {
    for (const key of keys) this.#pending.add(key);
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    setTimeout(() => {
      this.#isScheduled = false;
      const touched = this.#pending;
      this.#pending = new Set();
      for (const key of touched)
        void queryClient.invalidateQueries({ queryKey: key.split("/") }, { cancelRefetch: true });
    }, COALESCE_MS);
  }
}

export const live = new Live();
