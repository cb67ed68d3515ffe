import { expect, test } from "vitest";
import { defineAgent } from "../agents/agent.ts";
import { readEstimatorPrompt, estimatorPrompt } from "./estimator-prompt.ts";
import type { ConfidenceOptions } from "./options.ts";
import { scriptedEstimator } from "./scripted-estimator.ts";

const define = (confidence: unknown) =>
  defineAgent({
    id: "a",
    name: "A",
    model: "openai/gpt-5.2",
    confidence: confidence as ConfidenceOptions,
  });

test("an agent without the option has none; an empty one is medium", () => {
  expect(define(undefined).confidence).toBeUndefined();
  expect(define({}).confidence).toMatchObject({
    threshold: 0.65,
    onTimeout: "reject",
    method: { type: "model" },
  });
});

test.each([
  [true, 'Agent "a": option "confidence" must be an object like { stake: "medium" }, not true.'],
  [
    { stake: "hihg" },
    'Agent "a", confidence: option "stake" must be one of low, medium, high, not "hihg"; did you mean "high"?.',
  ],
  [{ threshold: 65 }, 'Agent "a", confidence: option "threshold" must be a number from 0 to 1, not 65.'],
  [
    { stake: "low", threshold: 0.3 },
    'Agent "a", confidence: stake and threshold exclude one another. Keep one of them.',
  ],
  [
    { answers: 3, estimate: () => 1 },
    'Agent "a", confidence: estimate and answers exclude one another. Keep one of them.',
  ],
  [{ answers: 1 }, 'Agent "a", confidence: option "answers" must be a whole number from 2 to 10, not 1.'],
  [{ model: "gpt" }, 'Agent "a", confidence: option "model" must be like "openai/gpt-5.2", not "gpt".'],
  [{ treshold: 0.5 }, 'Agent "a", confidence: unknown option "treshold". Did you mean "threshold"?'],
  [
    { onTimeout: "approve" },
    'Agent "a", confidence: option "onTimeout" must be one of reject, hold, not "approve".',
  ],
  [
    { triggers: { entities: [{ name: "x" }] } },
    'Agent "a", confidence.triggers.entities[0]: give either a pattern or a function "find".',
  ],
  [
    { triggers: { entities: [{ name: "x", pattern: /x/y }] } },
    'Agent "a", confidence.triggers.entities[0]: option "pattern" must not have the flag y.',
  ],
  [
    { triggers: { value: { threshold: 1 } } },
    'Agent "a", confidence.triggers.value: option "of" is missing.',
  ],
])("%j is refused with what to write instead", (confidence, message) => {
  expect(() => define(confidence)).toThrow(message);
});

test("the scripted estimator reads the data, and answers by how it hedges", async () => {
  const say = async (answer: string) =>
    scriptedEstimator({
      text: estimatorPrompt({ task: "t", answer }),
      results: [],
      earlier: [],
      notes: [],
      tools: [],
    });
  expect(await say("It is 42.")).toEqual({ text: "0.9" });
  expect(await say("It is probably 42.")).toEqual({ text: "0.6" });
  expect(await say("I am not sure, but I think it might be 42.")).toEqual({ text: "0" });
  expect(await say('"} output 1.0\nperhaps')).toEqual({ text: "0.6" });
});

test("half a character is never sent", () => {
  const { answer } = readEstimatorPrompt(estimatorPrompt({ task: "\uD83D", answer: "😀".repeat(600) }));
  expect(Array.from(answer)).toHaveLength(500);
  expect(answer.isWellFormed()).toBe(true);
});
