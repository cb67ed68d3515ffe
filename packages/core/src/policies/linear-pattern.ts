import {
  isWordCharacter,
  parsePattern,
  PatternError,
  type CharacterTest,
  type PatternNode,
} from "./pattern-syntax.ts";

/** Longer texts are not looked at: `test` throws, and what throws holds the action (I10). */
export const MAX_MATCHED_LENGTH = 20_000;
const MAX_STATES = 500;

/** A regular expression that takes at most (length of text) x (size of pattern) steps, whatever the text. */
export interface LinearPattern {
  readonly source: string;
  /** Whether it matches anywhere in the text. Throws `PatternError` for a text that is too long. */
  test(text: string): boolean;
}

type State =
  | { type: "character"; matches: CharacterTest; next: number }
  | { type: "start" | "end" | "word-edge" | "no-word-edge"; next: number }
  | { type: "fork"; next: number[] }
  | { type: "match" };

/**
 * Compiles a pattern to an automaton whose states are all followed at once (K. Thompson, 1968), so that no text makes
 * it slow; the engine's own RegExp takes seconds for 28 characters. Throws `PatternError`.
 */
export function compilePattern(source: string): LinearPattern {
  const states: State[] = [{ type: "match" }];
  const entry = addStates(parsePattern(source), 0, states);
  return { source, test: (text) => runStates(states, entry, text) };
}

/** Adds the states of a node, which lead on to `next`, and gives its first. */
function addStates(node: PatternNode, next: number, states: State[]): number {
  const add = (state: State): number => {
    if (states.length >= MAX_STATES) throw new PatternError("is too big; shorten its repetitions");
    return states.push(state) - 1;
  };
  switch (node.type) {
    case "sequence":
      return node.parts.reduceRight((after, part) => addStates(part, after, states), next);
    case "choice":
      return add({ type: "fork", next: node.parts.map((part) => addStates(part, next, states)) });
    case "repeat": {
      let entry = next;
      if (node.max === Infinity) {
        const fork = add({ type: "fork", next: [next] });
        (states[fork] as { next: number[] }).next.push(addStates(node.part, fork, states));
        entry = fork;
      } else {
        for (let count = node.min; count < node.max; count++)
          entry = add({ type: "fork", next: [next, addStates(node.part, entry, states)] });
      }
      for (let count = 0; count < node.min; count++) entry = addStates(node.part, entry, states);
      return entry;
    }
    case "character":
      return add({ ...node, next });
    default:
      return add({ type: node.type, next });
  }
}

function runStates(states: readonly State[], entry: number, text: string): boolean {
  if (text.length > MAX_MATCHED_LENGTH)
    throw new PatternError(`is not matched against more than ${MAX_MATCHED_LENGTH} characters`);
  const points = Array.from(text, (character) => character.codePointAt(0) as number);
  const reachedAt = new Int32Array(states.length).fill(-1);
  let current: number[] = [];
  let isMatched = false;

  /** Follows everything that takes no character; each state is entered once at a place. */
  const enter = (first: number, at: number, into: number[]): void => {
    const waiting = [first];
    for (let index = waiting.pop(); index !== undefined; index = waiting.pop()) {
      if (reachedAt[index] === at) continue;
      reachedAt[index] = at;
      const state = states[index] as State;
      if (state.type === "match") isMatched = true;
      else if (state.type === "character") into.push(index);
      else if (state.type === "fork") waiting.push(...state.next);
      else if (holdsAt(state.type, points, at)) waiting.push(state.next);
    }
  };

  for (let at = 0; at <= points.length; at++) {
    const place: number[] = [];
    const previous = current;
    if (at > 0) {
      const point = points[at - 1] as number;
      for (const index of previous) {
        const state = states[index] as Extract<State, { type: "character" }>;
        if (state.matches(point)) enter(state.next, at, place);
      }
    }
    enter(entry, at, place); // a match may begin anywhere
    if (isMatched) return true;
    current = place;
  }
  return false;
}

function holdsAt(
  edge: "start" | "end" | "word-edge" | "no-word-edge",
  points: readonly number[],
  at: number,
): boolean {
  if (edge === "start") return at === 0;
  if (edge === "end") return at === points.length;
  const isWord = (point: number | undefined): boolean => point !== undefined && isWordCharacter(point);
  return (isWord(points[at - 1]) !== isWord(points[at])) === (edge === "word-edge");
}
