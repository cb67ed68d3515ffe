import { useState } from "react";

/** A text that survives a reload of this tab. Kept on this device until it is sent or emptied. */
export function useDraftText(name: string): [string, (text: string) => void] {
  const key = `holdpoint.draft.${name}`;
  const [text, setText] = useState(() => read(key));
  return [
    text,
    (next) => {
      setText(next);
      write(key, next);
    },
  ];
}

function read(key: string): string {
  try {
    return window.sessionStorage.getItem(key) ?? "";
  } catch {
    return "";
  }
}

function write(key: string, text: string): void {
  try {
    if (text === "") window.sessionStorage.removeItem(key);
    else window.sessionStorage.setItem(key, text);
  } catch {
    // Storage may be refused or full; the draft then lasts as long as the page.
  }
}

/** Forgets whatever was half written for a question that is settled. */
export function forgetDrafts(id: string): void {
  for (const about of ["answer", "choice", "opened", "decline", "later"])
    write(`holdpoint.draft.${about}:${id}`, "");
}
