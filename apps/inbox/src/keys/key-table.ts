/**
 * Every key of the console. Bindings, hints on buttons, `aria-keyshortcuts` and the `?` sheet are made of this table
 * and of nothing else, so none of them can drift from what a key does.
 */
export const KEYS = {
  next: { keys: ["j"], label: "Next in the list", group: "Move" },
  previous: { keys: ["k"], label: "Previous in the list", group: "Move" },
  open: { keys: ["Enter"], label: "Open what is marked in the list", group: "Move" },
  back: { keys: ["Escape"], label: "Back, or close", group: "Move" },
  goInbox: { keys: ["g", "i"], label: "Go to the inbox", group: "Move" },
  goRuns: { keys: ["g", "r"], label: "Go to the runs", group: "Move" },
  goAgents: { keys: ["g", "t"], label: "Go to the agents and their tools", group: "Move" },
  goAudit: { keys: ["g", "a"], label: "Go to the audit log", group: "Move" },
  goPolicy: { keys: ["g", "p"], label: "Go to the policy", group: "Move" },
  search: { keys: ["/"], label: "Search", group: "Move" },
  approve: { keys: ["a"], label: "Approve", group: "Decide on what is open" },
  edit: { keys: ["e"], label: "Edit before approving", group: "Decide on what is open" },
  reject: { keys: ["r"], label: "Reject with a reason", group: "Decide on what is open" },
  later: { keys: ["h"], label: "Not now, or take up again", group: "Decide on what is open" },
  raw: { keys: ["v"], label: "Raw form of the action", group: "Decide on what is open" },
  submit: { keys: ["Control+Enter"], label: "Send the open form", group: "Decide on what is open" },
  help: { keys: ["?"], label: "These keys", group: "Help" },
} as const satisfies Record<string, KeyEntry>;

export interface KeyEntry {
  /** Pressed one after the other. */
  keys: readonly string[];
  label: string;
  group: string;
}

export type KeyName = keyof typeof KEYS;

const SHOWN: Record<string, string> = { Escape: "Esc", "Control+Enter": "Ctrl Enter" };

/** What the keycaps show: `g i`, `Esc`. */
export function keycaps(name: KeyName): string[] {
  return KEYS[name].keys.map((key) => SHOWN[key] ?? key);
}

/** As `aria-keyshortcuts` wants it; a sequence is spelt in its order. */
export function ariaKeys(name: KeyName): string {
  return KEYS[name].keys.join(" ");
}

export function keyGroups(): { group: string; names: KeyName[] }[] {
  const groups = new Map<string, KeyName[]>();
  for (const name of Object.keys(KEYS) as KeyName[]) {
    const { group } = KEYS[name];
    groups.set(group, [...(groups.get(group) ?? []), name]);
  }
  return [...groups].map(([group, names]) => ({ group, names }));
}
