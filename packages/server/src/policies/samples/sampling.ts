import { randomInt } from "node:crypto";

/** Draws which actions are judged afterwards. */
export interface Sampling {
  /** True for that share of all, 0 to 1. */
  draw(share: number): boolean;
}

const STEPS = 2 ** 32;

/** Nobody who proposes actions can foresee which of them will be looked at. */
export const unforeseeableSampling: Sampling = {
  draw: (share) => share > 0 && (share >= 1 || randomInt(STEPS) < share * STEPS),
};
