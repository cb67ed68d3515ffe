import { AsyncLocalStorage } from "node:async_hooks";
import { JsonValueError, toJsonValue, type JsonValue } from "@holdpoint/protocol";

/** What a call keeps from attempt to attempt. */
export interface Keeping {
  /** Kept before this attempt. */
  kept: Readonly<Record<string, JsonValue>>;
  /** Keeps it; resolves to what is kept, which is another's where that was first. */
  keep: (name: string, value: JsonValue) => Promise<JsonValue>;
  /** A suspension waits for it. */
  waitFor: (work: Promise<unknown>) => void;
}

const inHand = new AsyncLocalStorage<string>();

/** The name of the `context.once` whose work runs here. A question in it could wait for ever: the suspension waits for the work. */
export function onceInHand(): string | undefined {
  return inHand.getStore();
}

/** Runs `work` at most once in a call, however often the call starts. Of one name at a time one runs, and all get its value. */
export function createOnce(
  { kept, keep, waitFor }: Keeping,
  prefix: string,
): <T>(name: string, work: () => T | Promise<T>) => Promise<Awaited<T>> {
  const begun = new Map<string, Promise<JsonValue>>();
  async function run(name: string, work: () => unknown): Promise<JsonValue> {
    const stored = kept[prefix + name];
    if (stored !== undefined) return stored;
    const value = storable(name, await inHand.run(name, work));
    return keep(prefix + name, value);
  }
  return async <T>(name: string, work: () => T | Promise<T>): Promise<Awaited<T>> => {
    checkKey("context.once", name);
    let running = begun.get(name);
    if (running === undefined) {
      running = run(name, work);
      begun.set(name, running);
      waitFor(running);
      // What failed was not done: it may be tried again.
      running.catch(() => begun.delete(name));
    }
    return structuredClone(await running) as Awaited<T>;
  };
}

function storable(name: string, value: unknown): JsonValue {
  try {
    return toJsonValue(value ?? null);
  } catch (error) {
    if (!(error instanceof JsonValueError)) throw error;
    throw new TypeError(`context.once("${name}") cannot keep what it got: ${error.message}`, {
      cause: error,
    });
  }
}

const MAX_KEY_CHARACTERS = 150;

/** Names of our own begin with `$`. */
export function checkKey(where: string, key: unknown): void {
  if (typeof key !== "string" || key === "" || key.length > MAX_KEY_CHARACTERS || key.startsWith("$"))
    throw new TypeError(
      `${where} needs a name first: 1 to ${MAX_KEY_CHARACTERS} characters that do not begin with "$".`,
    );
}
