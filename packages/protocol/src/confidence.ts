/** How much depends on a result: which confidence is enough for it to go out unseen (R73). */
export const STAKES = ["low", "medium", "high"] as const;
export type Stake = (typeof STAKES)[number];

/** A confidence in words, for people who read it beside its number. It is expressed certainty, not correctness (R97). */
export function confidenceInWords(confidence: number): string {
  if (confidence < 0.4) return "unsure";
  if (confidence < 0.65) return "rather unsure";
  return confidence < 0.85 ? "fairly sure" : "sure";
}
