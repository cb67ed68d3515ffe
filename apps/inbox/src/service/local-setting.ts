import { Store } from "./store.ts";

/** A choice of this person on this device: how the page looks and reacts, never what it shows. */
export class LocalSetting<Value extends string> {
  readonly #key: string;
  readonly #store: Store<Value>;

  constructor(name: string, values: readonly Value[], fallback: Value) {
    this.#key = `holdpoint.${name}`;
    const stored = readStored(this.#key);
    this.#store = new Store(values.find((value) => value === stored) ?? fallback);
  }

  get(): Value {
    return this.#store.get();
  }

  set(value: Value): void {
    this.#store.set(value);
    try {
      window.localStorage.setItem(this.#key, value);
    } catch {
      // Storage may be refused; the choice then lasts as long as the page.
    }
  }

  /** To be followed by components: `useStore(theme.store)`. */
  get store(): Store<Value> {
    return this.#store;
  }
}

function readStored(key: string): string | null {
  try {
    return window.localStorage.getItem(key);
  } catch {
    return null;
  }
}

export const theme = new LocalSetting("theme", ["system", "light", "dark"], "system");
/** WCAG 2.1.4: keys of one character can be switched off. */
export const singleKeys = new LocalSetting("keys", ["on", "off"], "on");
