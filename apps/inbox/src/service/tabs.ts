/**
 * The tabs of one browser, of which one leads: it holds the stream, and tells the others what comes.
 *
 * A browser opens six connections to a host, all tabs together. With a stream in each tab the seventh would load nothing.
 *
 * Owns: who leads, and the channel between tabs. Does not own: the stream or its cursor.
 *
 *  B1. At most one tab leads: the one that holds the lock, which the browser gives back when the tab is closed, crashes or
 *      is discarded. The tab that waits longest has it next.
 *  B2. What the leader tells reaches every tab that was there when it was told, or none is promised: a new leader says
 *      from where it goes on, and whoever stands elsewhere reads anew.
 *  B3. Without locks (a page over plain http that is not this machine) every tab leads for itself.
 */
export interface Tabs<Message> {
  /** Resolves when this tab leads; the signal gives the lead up, or the place in the queue. */
  lead(signal: AbortSignal): Promise<void>;
  /** To all others. */
  tell(message: Message): void;
}

export function openTabs<Message>(name: string, hear: (message: Message) => void): Tabs<Message> {
  const isShared = "locks" in navigator && "BroadcastChannel" in window;
  const channel = isShared ? new BroadcastChannel(name) : undefined;
  channel?.addEventListener("message", ({ data }) => hear(data as Message));
  return {
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a channel has one origin, its own
    tell: (message) => channel?.postMessage(message),
    lead(signal) {
      if (!isShared) return Promise.resolve();
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      navigator.locks
        .request(name, { signal }, () => {
          resolve();
          // Held until the lead is given up: a request's signal counts only while it waits.
          return new Promise<void>((release) => {
            signal.addEventListener("abort", () => release(), { once: true });
          });
        })
        .catch(reject);
      return promise;
    },
  };
}
