import type { OrderWords } from "./order-switch.tsx";

const PAUSE = { order: "pause", lift: "resume", liftIt: "Resume" } as const;
const HOLD = { order: "hold", lift: "release", liftIt: "Release" } as const;

export const PAUSE_ALL: OrderWords = {
  ...PAUSE,
  give: "Pause all runs…",
  confirm: "Pause all runs",
  standing: "All runs are paused",
  effect:
    "Every run of every agent stops at its next interrupt point, also those that are started meanwhile. Holds stay open, and what is decided is executed after Resume.",
};

export const PAUSE_AGENT: OrderWords = {
  ...PAUSE,
  give: "Pause its runs…",
  confirm: "Pause its runs",
  standing: "Its runs are paused",
  effect:
    "Its runs stop at their next interrupt point, also those that are started meanwhile. What somebody paused by itself stays paused after Resume.",
};

export const PAUSE_SESSION: OrderWords = {
  ...PAUSE,
  give: "Pause…",
  confirm: "Pause the conversation",
  standing: "The conversation is paused",
  effect: "Its runs stop at their next interrupt point, also those that are started meanwhile.",
};

export const HOLD_AGENT: OrderWords = {
  ...HOLD,
  give: "Hold its actions…",
  confirm: "Hold its actions",
  standing: "All its actions are held",
  effect:
    "Every action that it proposes from now on waits for a person, whatever the policy says, also one that was approved and has not begun. Its runs go on.",
};

export const HOLD_TOOL: OrderWords = {
  ...HOLD,
  give: "Hold…",
  confirm: "Hold this tool",
  standing: "Held",
  effect:
    "Every call of this tool from now on waits for a person, whichever agent makes it and whatever the policy says. Calls that are executing go on.",
};
