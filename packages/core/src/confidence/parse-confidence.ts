/** What an answer that cannot be read counts as, and a confidence that nobody estimated (R72). */
export const UNKNOWN_CONFIDENCE = 0.5;

const NUMBER = /^\s*(?:\d+(?:\.\d+)?|\.\d+)\s*$/;

/** The confidence that an estimator answered; undefined for everything that is not just a number from 0.0 to 1.0. */
export function readConfidence(answer: string): number | undefined {
  if (!NUMBER.test(answer)) return undefined;
  return checkConfidence(Number(answer));
}

/** The same, with 0.5 for what cannot be read (R72). */
export function parseConfidence(answer: string): number {
  return readConfidence(answer) ?? UNKNOWN_CONFIDENCE;
}

/** The value when it is a number from 0 to 1, else undefined. */
export function checkConfidence(value: unknown): number | undefined {
  return typeof value === "number" && value >= 0 && value <= 1 ? value : undefined;
}
