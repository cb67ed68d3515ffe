import type { Strength } from "@holdpoint/protocol";

/** How surely it was this person, after `decided `. */
export const STRENGTH: Record<Strength, string> = {
  L0: "in a channel known to be the person's",
  L1: "by somebody signed in",
  L2: "by somebody who signed in within the last 5 minutes",
  L3: "with the signature of a passkey",
};
