/** What the address says about the log. */
export interface AuditSearch {
  hold?: string;
  run?: string;
  session?: string;
  agent?: string;
  about?: "hold" | "action" | "run";
}

const ABOUT = ["hold", "action", "run"] as const;

/** Reads the address; what is none of ours is left out. */
export function readAuditSearch(search: Record<string, unknown>): AuditSearch {
  const read = (name: string) => {
    const value = search[name];
    return typeof value === "string" && value !== "" ? { [name]: value.slice(0, 200) } : {};
  };
  const about = ABOUT.find((name) => name === search["about"]);
  return {
    ...read("hold"),
    ...read("run"),
    ...read("session"),
    ...read("agent"),
    ...(about === undefined ? {} : { about }),
  };
}
