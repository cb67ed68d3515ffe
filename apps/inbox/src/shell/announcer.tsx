import { Store, useStore } from "../service/store.ts";

const said = new Store("");

/** Says it once to assistive technology: one polite region for the page, no message per event. */
export function announce(words: string): void {
  // The same words twice would be silent the second time.
  said.set(said.get() === words ? `${words}\u00a0` : words);
}

export function Announcer() {
  return (
    <p role="status" aria-live="polite" className="sr-only">
      {useStore(said)}
    </p>
  );
}
