/**
 * Lets many who want to read the same thing share one read that begins after all of them asked.
 *
 * A read that is under way may have begun before what the next one wants to see; so whoever comes meanwhile shares the
 * one after it. However many ask, at most one read of a key runs, and at most one waits.
 */
export class SharedReads {
  readonly #running = new Map<string, Promise<unknown>>();
  readonly #next = new Map<string, Promise<unknown>>();

  get<T>(key: string, read: () => Promise<T>): Promise<T> {
    const next = this.#next.get(key) as Promise<T> | undefined;
    if (next !== undefined) return next;
    const begin = async (): Promise<T> => {
      await this.#running.get(key)?.catch(() => undefined); // told to whoever shares it
      this.#next.delete(key);
      const running = read();
      this.#running.set(key, running);
      try {
        return await running;
      } finally {
        if (this.#running.get(key) === running) this.#running.delete(key);
      }
    };
    // Not before the end of this turn: everybody who is woken in it asks first.
    const shared = Promise.resolve().then(begin);
    this.#next.set(key, shared);
    return shared;
  }
}
