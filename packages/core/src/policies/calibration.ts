/** One action that proceeded by itself and that a person has judged afterwards. */
export interface JudgedAction {
  /** 0 to 1, as it was when the action proceeded. */
  confidence: number;
  isCorrect: boolean;
}

/** Actions of about the same confidence: how often it was expected to be right, and how often it was. */
export interface CalibrationBin {
  from: number;
  to: number;
  count: number;
  correct: number;
  /** Mean confidence; null without actions. */
  expected: number | null;
  /** Share that was correct; null without actions. */
  observed: number | null;
  /** Wilson's interval of the observed share, 95 %; null without actions. */
  low: number | null;
  high: number | null;
}

export interface Calibration {
  count: number;
  correct: number;
  /** Ten, from 0 to 1. */
  bins: CalibrationBin[];
  /** Mean distance of expected and observed, weighted by count; null without actions. */
  expectedCalibrationError: number | null;
  /**
   * The lowest confidence at or above which the lower bound of what was correct meets the target; null where no
   * confidence has enough judged actions for that.
   */
  suggestedThreshold: number | null;
}

const BINS = 10;
/** Fewer judged actions say nothing, whatever the bound says. */
export const MIN_JUDGED = 20;
/** Of the standard normal distribution: 95 % lie within. */
const Z_95 = 1.959963984540054;

/** How well confidence foretold correctness (R97). `target`: the share that should be correct, 0.95 by default. */
export function calibrate(actions: readonly JudgedAction[], target = 0.95): Calibration {
  const bins = Array.from({ length: BINS }, (_, index) =>
    binOf(
      actions.filter(({ confidence }) => indexOf(confidence) === index),
      index,
    ),
  );
  const count = actions.length;
  const distance = bins.reduce(
    (sum, bin) => sum + bin.count * Math.abs((bin.expected ?? 0) - (bin.observed ?? 0)),
    0,
  );
  return {
    count,
    correct: countCorrect(actions),
    bins,
    expectedCalibrationError: count === 0 ? null : distance / count,
    suggestedThreshold: suggestThreshold(actions, target),
  };
}

/** Wilson's score interval for a share of `count`, 95 %: right for few and for extreme shares too. */
export function wilsonInterval(correct: number, count: number): { low: number; high: number } {
  if (count <= 0) return { low: 0, high: 1 };
  const share = correct / count;
  const square = Z_95 ** 2;
  const scale = 1 + square / count;
  const middle = (share + square / (2 * count)) / scale;
  const half = (Z_95 / scale) * Math.sqrt((share * (1 - share)) / count + square / (4 * count ** 2));
  // At the ends it is exact; rounding must not say otherwise.
  return {
    low: correct === 0 ? 0 : Math.max(0, middle - half),
    high: correct === count ? 1 : Math.min(1, middle + half),
  };
}

function suggestThreshold(actions: readonly JudgedAction[], target: number): number | null {
  const descending = actions.toSorted((a, b) => b.confidence - a.confidence);
  let threshold: number | null = null;
  let correct = 0;
  for (const [index, { confidence, isCorrect }] of descending.entries()) {
    if (isCorrect) correct += 1;
    // Equal confidences stand or fall together.
    if (descending[index + 1]?.confidence === confidence) continue;
    const count = index + 1;
    if (count >= MIN_JUDGED && wilsonInterval(correct, count).low >= target) threshold = confidence;
  }
  return threshold;
}

function binOf(actions: readonly JudgedAction[], index: number): CalibrationBin {
  const count = actions.length;
  const correct = countCorrect(actions);
  const range = { from: index / BINS, to: (index + 1) / BINS };
  if (count === 0) return { ...range, count, correct, expected: null, observed: null, low: null, high: null };
  const expected = actions.reduce((sum, { confidence }) => sum + confidence, 0) / count;
  return { ...range, count, correct, expected, observed: correct / count, ...wilsonInterval(correct, count) };
}

/** 1 belongs to the last bin. */
function indexOf(confidence: number): number {
  return Math.min(BINS - 1, Math.max(0, Math.floor(confidence * BINS)));
}

function countCorrect(actions: readonly JudgedAction[]): number {
  return actions.filter(({ isCorrect }) => isCorrect).length;
}
