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
  /** Returns the function that ends the subscription. */
  subscribe(topic: string, listener: () => void): () => void;
  close(): Promise<void>;
}

/** What carries topics between instances; absent where one process is all there is. */
export interface NotificationChannel {
  notify(payload: string): Promise<void>;
  listen(onPayload: (payload: string) => void, onReconnect: () => void): Promise<() => Promise<void>>;
}

export interface WakeupsOptions {
  channel: NotificationChannel | undefined;
  /** Names this instance, so that it does not wake itself twice. */
  instanceId: string;
  onError(error: unknown): void;
  /** Publishes within this time leave as one notification. Default 3 ms. */
  coalesceMs?: number;
}

/** PostgreSQL refuses payloads over 7,999 bytes. */
const MAX_PAYLOAD_BYTES = 7_900;

export async function createWakeups(options: WakeupsOptions): Promise<Wakeups> {
  const listeners = new Map<string, Set<() => void>>();
  const pending = new Set<string>();
  let timer: NodeJS.Timeout | undefined;
  let leaving: Promise<void> = Promise.resolve();

  function wake(topic: string): void {
    for (const listener of [...(listeners.get(topic) ?? [])]) listener();
  }

  function wakeAll(): void {
    for (const topic of [...listeners.keys()]) wake(topic);
  }

  function flush(): void {
    timer = undefined;
    const { channel } = options;
    if (channel === undefined || pending.size === 0) return;
    const payloads = chunk([...pending], options.instanceId);
    pending.clear();
    // One at a time: notifications share a connection, and a burst waits as one next batch.
    leaving = leaving
      .then(async () => {
        for (const payload of payloads) await channel.notify(payload);
      })
      .catch(options.onError);
  }

  const stopListening = await options.channel?.listen((payload) => {
    const [sender, ...topics] = payload.split(" ");
    if (sender !== options.instanceId) for (const topic of topics) wake(topic);
  }, wakeAll);

  return {
    publish(topics) {
      for (const topic of topics) {
        if (options.channel !== undefined) pending.add(topic);
        wake(topic);
      }
      if (options.channel !== undefined) timer ??= setTimeout(flush, options.coalesceMs ?? 3);
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
      await stopListening?.();
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
