import type { NewGrant } from "../service/grant-queries.ts";

const DAY = 86_400;

/** None is for ever. */
export const EXPIRES = {
  day: { words: "1 day", seconds: DAY },
  week: { words: "7 days", seconds: 7 * DAY },
  month: { words: "30 days", seconds: 30 * DAY },
  quarter: { words: "90 days", seconds: 90 * DAY },
  year: { words: "1 year", seconds: 365 * DAY },
} as const;

export interface GrantDraft {
  which: "same" | "condition" | "any";
  condition: string;
  onlyAgent: boolean;
  onlyEndUser: boolean;
  expires: keyof typeof EXPIRES;
  /** Empty: without a limit. */
  uses: string;
  budget: string;
  reason: string;
}

/** The narrowest there is: a person widens it. */
export const EMPTY_GRANT: GrantDraft = {
  which: "same",
  condition: "",
  onlyAgent: true,
  onlyEndUser: true,
  expires: "month",
  uses: "",
  budget: "",
  reason: "",
};

export type ReadGrant =
  | { grant: NewGrant }
  | { problems: Partial<Record<"condition" | "uses" | "budget", string>> };

export function readGrantDraft(holdId: string, draft: GrantDraft): ReadGrant {
  const problems: Partial<Record<"condition" | "uses" | "budget", string>> = {};
  const [uses, budget] = [readLimit(draft.uses), readLimit(draft.budget)];
  if (draft.which === "condition" && draft.condition.trim() === "") problems.condition = "Write a condition.";
  if (
    uses === "unreadable" ||
    (uses !== undefined && (!Number.isInteger(uses) || uses < 1 || uses > 1_000_000))
  )
    problems.uses = "Write a whole number, 1 or more.";
  if (budget === "unreadable" || (budget !== undefined && budget <= 0))
    problems.budget = "Write a number above 0.";
  if (Object.keys(problems).length > 0) return { problems };
  return {
    grant: {
      holdId,
      ...(draft.which === "any" ? { condition: null } : {}),
      ...(draft.which === "condition" ? { condition: draft.condition.trim() } : {}),
      ...(draft.onlyAgent ? {} : { agentId: null }),
      ...(draft.onlyEndUser ? {} : { endUserId: null }),
      expiresInSeconds: EXPIRES[draft.expires].seconds,
      ...(typeof uses === "number" ? { uses } : {}),
      ...(typeof budget === "number" ? { budget } : {}),
      ...(draft.reason.trim() === "" ? {} : { reason: draft.reason.trim() }),
    },
  };
}

function readLimit(text: string): number | "unreadable" | undefined {
  if (text.trim() === "") return undefined;
  const number = Number(text);
  return Number.isFinite(number) ? number : "unreadable";
}
