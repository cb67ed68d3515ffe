import type { StreamEvent } from "@holdpoint/client";
import { isSignedOut, holdpoint } from "./client.ts";
import { queryClient } from "./queries.ts";
import { Store } from "./store.ts";

/** How current the page is. `reconnecting`: what is shown may be old; nothing was lost (I12). */
export type Connection = "connecting" | "live" | "reconnecting" | "signed_out";

export const connection = new Store<Connection>("connecting");

const COALESCE_MS = 60;
/** After a refusal, which waiting does not mend as it mends a broken line. */
const REFUSED_MS = 5_000;
const EVERYTHING = ["holds", "runs", "hold", "run", "audit", "policy", "grants"];

/**
 * Follows the organisation's events for as long as the page lives, and refetches what each of them touches.
 *
 * Owns the connection and the cursor. Does not own data: an event only says what to read again, so whatever comes
 * twice, late or out of order cannot put something wrong on the screen.
 *
 *  L1. What happened is in the cursor's future or is read anew: a stream that opens without a cursor reads everything.
 *  L2. A read that began before an event is never the last one after it.
 *  L3. However fast events come, each read may end: the next begins behind it, instead of breaking it off.
 */
class Live {
  #cursor: string | undefined;
  #abort: AbortController | undefined;
  #pending = new Set<string>();
  #isScheduled = false;
  readonly #reading = new Set<string>();

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
    while (!signal.aborted) {
      try {
        for await (const event of this.#open(signal)) this.#apply(event);
        return;
      } catch (error) {
        if (signal.aborted) return;
        if (isSignedOut(error)) return connection.set("signed_out");
        connection.set("reconnecting");
        // A cursor of a data folder that is not there any more (a backup was put back) is refused for ever.
        this.#cursor = undefined;
        await new Promise((resolve) => {
          setTimeout(resolve, REFUSED_MS);
        });
      }
    }
  }

  #open(signal: AbortSignal): AsyncIterable<StreamEvent> {
    return holdpoint.events({
      signal,
      lastEventId: this.#cursor,
      // Somebody may be looking and waiting.
      maxReconnectMs: 3_000,
      onCursor: (cursor) => (this.#cursor = cursor),
      onOpen: () => {
        connection.set("live");
        // Between the last read and this moment something may have happened that is in neither.
        if (this.#cursor === undefined) this.#touch(...EVERYTHING);
        // What could not be read while there was no connection can be read now.
        void queryClient.refetchQueries({
          type: "active",
          predicate: (query) => query.state.error !== null,
        });
      },
      onReconnect: () => connection.set("reconnecting"),
    });
  }

  #apply(event: StreamEvent): void {
    if (!("id" in event)) return;
    this.#touch("audit");
    if (event.type.startsWith("policy.")) this.#touch("policy");
    // A grant that was used says so with the action that proceeded.
    if (/^grant\.|^action\.auto_proceeded$/.test(event.type)) this.#touch("grants");
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
      for (const key of this.#pending) {
        // Touched again while it is being read, it is read once more afterwards.
        if (this.#reading.has(key)) continue;
        this.#pending.delete(key);
        void this.#read(key);
      }
    }, COALESCE_MS);
  }

  async #read(key: string): Promise<void> {
    const queryKey = key.split("/");
    this.#reading.add(key);
    // A first read cannot be begun anew, and may have been answered before the event: it is waited for.
    const first = queryClient.getQueryCache().findAll({
      queryKey,
      fetchStatus: "fetching",
      predicate: (query) => query.state.data === undefined,
    });
    await Promise.allSettled(first.map(async (query) => query.promise));
    await queryClient.invalidateQueries({ queryKey }, { cancelRefetch: true });
    this.#reading.delete(key);
    if (this.#pending.has(key)) this.#touch(key);
  }
}

export const live = new Live();
