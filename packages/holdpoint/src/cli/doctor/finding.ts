/** What one look found. `remedy` says what to do, and is there whenever the state is not ok. */
export interface Finding {
  name: string;
  state: "ok" | "warn" | "fail";
  text: string;
  remedy?: string;
}

export function ok(name: string, text: string): Finding {
  return { name, state: "ok", text };
}

export function warn(name: string, text: string, remedy: string): Finding {
  return { name, state: "warn", text, remedy };
}

export function fail(name: string, text: string, remedy: string): Finding {
  return { name, state: "fail", text, remedy };
}
