import type { Script } from "../agents/models/scripted-model.ts";
import { readEstimatorPrompt } from "./estimator-prompt.ts";

/** Words by which an answer says that it is not sure. */
const HEDGES =
  /\b(?:not (?:quite |entirely |completely )?(?:sure|certain)|unsure|uncertain|perhaps|maybe|might|possibly|probably|i (?:think|guess|believe)|it seems|unclear|do(?:n't| not) know|cannot (?:tell|verify|confirm)|approximately|roughly|as far as i know)\b/giu;

/**
 * Stands in for the estimating model where no key is set, as a script does for the agent's: it counts the words that
 * express uncertainty in the answer that it is shown. 0.9 without any, 0.3 less for each.
 */
export const scriptedEstimator: Script = ({ text }) => {
  const { answer } = readEstimatorPrompt(text);
  const hedges = answer.match(HEDGES)?.length ?? 0;
  return { text: String(Math.max(0, 9 - 3 * hedges) / 10) };
};
