import { KEYS, type KeyName } from "./key-table.ts";

/** What of a key event matters here. */
export interface Press {
  key: string;
  repeat: boolean;
  isComposing: boolean;
  ctrlKey: boolean;
  metaKey: boolean;
  altKey: boolean;
  /** Where the focus is: a key never acts from inside a field, Enter never from something that has its own. */
  focus: "field" | "control" | "page";
}

const SEQUENCE_MS = 1_500;

/** Turns presses into the names of the table; remembers the first half of a sequence for a moment. */
export class KeyReader {
  #first: { key: string; at: number } | undefined;

  /** The name whose keys are now complete, if any of `names` is. */
  read(press: Press, now: number, names: ReadonlySet<KeyName>): KeyName | undefined {
    const first =
      this.#first !== undefined && now - this.#first.at < SEQUENCE_MS ? this.#first.key : undefined;
    this.#first = undefined;
    if (press.repeat || press.isComposing || press.focus === "field") return undefined;
    if (press.ctrlKey || press.metaKey || press.altKey) return undefined;
    if (press.key === "Enter" && press.focus === "control") return undefined;
    const pressed = first === undefined ? [press.key] : [first, press.key];
    const found = [...names].find((name) => isSame(KEYS[name].keys, pressed));
    if (found !== undefined) return found;
    const isBeginning = [...names].some(
      (name) => KEYS[name].keys.length === 2 && KEYS[name].keys[0] === press.key,
    );
    if (isBeginning) this.#first = { key: press.key, at: now };
    return undefined;
  }
}

function isSame(keys: readonly string[], pressed: readonly string[]): boolean {
  return keys.length === pressed.length && keys.every((key, index) => key === pressed[index]);
}
