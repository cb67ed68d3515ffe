import { hash } from "node:crypto";
import type { Logger } from "pino";
import type { Database } from "../database/database.ts";

/**
 * Wake-ups say *that* something changed, never what: a topic, after commit. Who listens reads the row again.
 *
 * Owns: listeners of this instance, and the coalescing of what leaves it. Does not own: state; a lost wake-up costs
 * time (the slow poll of whoever waits), never correctness.
 *
 *  W1. A topic is published after the commit that it is about.
 *  W2. Listen first, then read: what happens in between then wakes you.
 *  W3. After a reconnect of the notification channel everybody is woken (resync), since some may have been missed.
 */
export interface Wakeups {
  /** Wakes listeners here at once, and those of other instances within a few milliseconds. */
  publish(topics: readonly string[]): void;
  /** The topic `*` is every topic, once for all that are published together. Returns the function that ends it. */
  subscribe(topic: string, listener: () => void): () => void;
  close(): Promise<void>;
}

export interface WakeupsOptions {
  database: Pick<Database, "kind" | "listen" | "notify">;
  /** Names this instance, so that it does not wake itself twice. */
  instanceId: string;
  logger: Pick<Logger, "warn">;
  /** At most one notification leaves in this time, with all that was published meanwhile. Default 5 ms. */
  coalesceMs?: number;
}

/** What wakes whoever watches a person's questions. Hashed: their id is the app's own and may hold anything. */
export function endUserTopic(orgId: string, endUserId: string): string {
  return `end_user:${hash("sha256", JSON.stringify([orgId, endUserId]), "hex").slice(0, 32)}`;
}

/**
 * What wakes whoever watches a run at work, beside `run:<id>`: it goes on, and neither waits for anybody nor has ended. Who
 * waits for that need not look.
 */
export function midwayTopic(runId: string): string {
  return `midway:${runId}`;
}

const EVERY_TOPIC = "*";
/** PostgreSQL refuses payloads over 7,999 bytes. */
const MAX_PAYLOAD_BYTES = 7_900;

export async function createWakeups(options: WakeupsOptions): Promise<Wakeups> {
  const { database, coalesceMs = 5 } = options;
  // The embedded database has one process: nothing needs to travel.
  const isAlone = database.kind === "embedded";
  const listeners = new Map<string, Set<() => void>>();
  const pending = new Set<string>();
  let timer: NodeJS.Timeout | undefined;
  let leftAt = -Infinity;
  let leaving: Promise<void> = Promise.resolve();

  function wake(topic: string): void {
    // A listener may end its own subscription or begin one: a copy is walked.
    for (const listener of Array.from(listeners.get(topic) ?? [])) listener();
  }

  function wakeAll(): void {
    for (const topic of Array.from(listeners.keys())) wake(topic);
  }

  function flush(): void {
    timer = undefined;
    if (pending.size === 0) return;
    leftAt = performance.now();
    const payloads = chunk([...pending], options.instanceId);
    pending.clear();
    // One at a time: notifications share a connection, and a burst waits as one next batch.
    leaving = leaving
      .then(async () => {
        for (const payload of payloads) await database.notify(payload);
      })
      .catch((error: unknown) =>
        options.logger.warn({ err: error }, "Other instances were not woken; they poll."),
      );
  }

  const listening = isAlone
    ? undefined
    : await database.listen({
        onNotify(payload) {
          const [sender, ...topics] = payload.split(" ");
          if (sender === options.instanceId) return;
          for (const topic of topics) wake(topic);
          wake(EVERY_TOPIC);
        },
        onResync: wakeAll,
      });

  return {
    publish(topics) {
      for (const topic of topics) {
        if (!isAlone) pending.add(topic);
        wake(topic);
      }
      wake(EVERY_TOPIC);
      // The first leaves at once, so that a quiet instance wakes another without delay.
      if (!isAlone) timer ??= setTimeout(flush, Math.max(0, leftAt + coalesceMs - performance.now()));
    },
    subscribe(topic, listener) {
      const set = listeners.get(topic) ?? new Set();
      listeners.set(topic, set.add(listener));
      return () => {
        set.delete(listener);
        if (set.size === 0 && listeners.get(topic) === set) listeners.delete(topic);
      };
    },
    async close() {
      clearTimeout(timer);
      flush();
      await leaving;
      listening?.close();
    },
  };
}

function chunk(topics: readonly string[], sender: string): string[] {
  const payloads: string[] = [];
  let current = sender;
  for (const topic of topics) {
    if (current.length + topic.length + 1 > MAX_PAYLOAD_BYTES) {
      payloads.push(current);
      current = sender;
    }
    current += ` ${topic}`;
  }
  payloads.push(current);
  return payloads;
}
