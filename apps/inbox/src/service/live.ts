import type { StreamEvent } from "@holdpoint/client";
import { isSignedOut, holdpoint } from "./client.ts";
import { queryClient } from "./queries.ts";
import { Store } from "./store.ts";
import { openTabs } from "./tabs.ts";

/** How current the page is. `reconnecting`: what is shown may be old; nothing was lost (I12). */
export type Connection = "connecting" | "live" | "reconnecting" | "signed_out";

export const connection = new Store<Connection>("connecting");

const COALESCE_MS = 60;
/** After a refusal, which waiting does not mend as it mends a broken line. */
const REFUSED_MS = 5_000;
const EVERYTHING = [
  "holds",
  "runs",
  "hold",
  "run",
  "audit",
  "policy",
  "grants",
  "agents",
  "sessions",
  "session",
];

/** What tabs tell each other. */
type TabMessage =
  /** A tab has come: how do things stand? */
  | { type: "arrived" }
  /** From the leader: where its stream stands. `isNew`: it has just opened, after that cursor. */
  | { type: "state"; state: Connection; cursor: string | undefined; isNew: boolean }
  | { type: "event"; event: StreamEvent };

/**
 * Follows the organisation's events for as long as the page lives, and refetches what each of them touches. All tabs of
 * the browser share one stream, which the leading tab holds (tabs.ts).
 *
 * Owns the connection and the cursor. Does not own data: an event only says what to read again, so whatever comes
 * twice, late or out of order cannot put something wrong on the screen.
 *
 *  L1. What happened is in the cursor's future or is read anew: a stream that opens without a cursor reads everything.
 *  L2. A read that began before an event is never the last one after it.
 *      So does a tab that stands elsewhere than a stream which has just opened.
 *  L3. However fast events come, each read may end: the next begins behind it, instead of breaking it off.
 */
class Live {
  #cursor: string | undefined;
  #isLeading = false;
  #abort: AbortController | undefined;
  #pending = new Set<string>();
  #isScheduled = false;
  readonly #reading = new Set<string>();
  readonly #tabs = openTabs<TabMessage>("holdpoint-events", (message) => this.#hear(message));

  start(): void {
    window.addEventListener("online", () => this.#restart());
    window.addEventListener("offline", () => {
      // The stream may not notice for a while that nobody is there any more.
      if (this.#isLeading && connection.get() === "live") this.#become("reconnecting");
      this.#restart();
    });
    this.#tabs.tell({ type: "arrived" });
    void this.#lead();
  }

  async #lead(): Promise<void> {
    // Never given up: the browser takes it with the page.
    await this.#tabs.lead(new AbortController().signal);
    this.#isLeading = true;
    this.#restart();
  }

  #restart(): void {
    if (!this.#isLeading) return;
    this.#abort?.abort();
    this.#abort = new AbortController();
    void this.#follow(this.#abort.signal);
  }

  /** How this tab stands, and with it those that it leads. */
  #become(state: Connection, isNew = false): void {
    connection.set(state);
    this.#tabs.tell({ type: "state", state, cursor: this.#cursor, isNew });
  }

  #hear(message: TabMessage): void {
    switch (message.type) {
      case "arrived":
        if (this.#isLeading) this.#become(connection.get());
        break;
      case "state":
        if (!this.#isLeading) this.#heed(message);
        break;
      case "event":
        if (!this.#isLeading) this.#apply(message.event);
        break;
      default:
        message satisfies never;
    }
  }

  #heed({ state, cursor, isNew }: Extract<TabMessage, { type: "state" }>): void {
    connection.set(state);
    if (state !== "live") return;
    // The first word of a leader, a leader that goes on from elsewhere, or one that begins anew.
    const isElsewhere = this.#cursor === undefined || (isNew && this.#cursor !== cursor);
    this.#cursor = cursor ?? this.#cursor;
    if (isElsewhere) this.#touch(...EVERYTHING);
    if (isNew) this.#readWhatFailed();
  }

  async #follow(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        for await (const event of this.#open(signal)) {
          this.#tabs.tell({ type: "event", event });
          this.#apply(event);
        }
        return;
      } catch (error) {
        if (signal.aborted) return;
        if (isSignedOut(error)) return this.#become("signed_out");
        // A cursor of a data folder that is not there any more (a backup was put back) is refused for ever.
        this.#cursor = undefined;
        this.#become("reconnecting");
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
      onCursor: (cursor) => {
        this.#cursor = cursor;
        this.#tabs.tell({ type: "state", state: connection.get(), cursor, isNew: false });
      },
      onOpen: () => {
        this.#become("live", true);
        // Between the last read and this moment something may have happened that is in neither.
        if (this.#cursor === undefined) this.#touch(...EVERYTHING);
        this.#readWhatFailed();
      },
      onReconnect: () => this.#become("reconnecting"),
    });
  }

  /** What could not be read while there was no connection can be read now. */
  #readWhatFailed(): void {
    void queryClient.refetchQueries({
      type: "active",
      predicate: (query) => query.state.error !== null,
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
    // Its open holds say so, too.
    if (event.type === "run.lost" || event.type === "run.found") this.#touch("holds", "hold");
    // With the runs that it had called, and the holds of all of them; an event of a session names none.
    if (event.type === "run.deleted" || event.type === "session.deleted")
      this.#touch("runs", "run", "holds", "hold", "sessions", "session");
    if (event.sessionId !== null) this.#touch("sessions", `session/${event.sessionId}`);
    // An order reaches many runs, each of which says so with its own event once it has stopped.
    if (event.type.startsWith("order.")) this.#touch("orders", "agents", "runs", "run");
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
    // The id of a conversation is the app's own, and may have a slash itself.
    const [name = key, ...id] = key.split("/");
    const queryKey = id.length === 0 ? [name] : [name, id.join("/")];
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
