export const POLICY_TABS = {
  rules: "In force",
  explain: "Explain",
  edit: "Change",
  trial: "Try out",
  versions: "Versions",
  grants: "Grants",
} as const;
export type PolicyTab = keyof typeof POLICY_TABS;

/** What the address says about the policy. */
export interface PolicySearch {
  tab?: PolicyTab;
  /** Of the rule to look at. */
  rule?: string;
  /** Of the version to compare with the one before it. */
  version?: string;
}

/** Reads the address; what is none of ours is left out. */
export function readPolicySearch(search: Record<string, unknown>): PolicySearch {
  const { tab, rule, version } = search;
  return {
    ...(typeof tab === "string" && Object.hasOwn(POLICY_TABS, tab) && tab !== "rules"
      ? { tab: tab as PolicyTab }
      : {}),
    ...(typeof rule === "string" && rule !== "" ? { rule: rule.slice(0, 64) } : {}),
    ...(typeof version === "string" && /^[1-9]\d{0,8}$/.test(version) ? { version } : {}),
  };
}
