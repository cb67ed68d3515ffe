/*
 * Regular expressions of policies, parsed into a tree. What cannot be matched in linear time is refused: references
 * back, lookaround, and repetitions that would unfold into too much.
 */

/** Says whether a code point belongs to a class. */
export type CharacterTest = (codePoint: number) => boolean;

export type PatternNode =
  | { type: "character"; matches: CharacterTest }
  | { type: "start" | "end" | "word-edge" | "no-word-edge" }
  | { type: "sequence" | "choice"; parts: PatternNode[] }
  | { type: "repeat"; part: PatternNode; min: number; max: number };

/** A pattern that is wrong or cannot be matched in linear time; the message ends a sentence that names the pattern. */
export class PatternError extends Error {}

export const MAX_PATTERN_LENGTH = 500;
export const MAX_REPEAT = 100;
const MAX_NESTING = 20;

const isDigit: CharacterTest = (point) => point >= 48 && point <= 57;
export const isWordCharacter: CharacterTest = (point) =>
  isDigit(point) || point === 95 || (point >= 65 && point <= 90) || (point >= 97 && point <= 122);
const isSpace: CharacterTest = (point) => point === 32 || (point >= 9 && point <= 13) || point === 0xa0;
const isAny: CharacterTest = (point) => point !== 10 && point !== 13;

const CLASSES: Readonly<Record<string, CharacterTest>> = {
  d: isDigit,
  D: (point) => !isDigit(point),
  w: isWordCharacter,
  W: (point) => !isWordCharacter(point),
  s: isSpace,
  S: (point) => !isSpace(point),
};
const CONTROLS: Readonly<Record<string, number>> = { n: 10, r: 13, t: 9, f: 12, v: 11, "0": 0 };

/** Throws `PatternError`. `(?i)` at the beginning makes it match in any case. */
export function parsePattern(source: string): PatternNode {
  if (source.length > MAX_PATTERN_LENGTH)
    throw new PatternError(`is longer than ${MAX_PATTERN_LENGTH} characters`);
  const isAnyCase = source.startsWith("(?i)");
  return new PatternParser(Array.from(isAnyCase ? source.slice(4) : source), isAnyCase).parse();
}

class PatternParser {
  #at = 0;
  #depth = 0;
  readonly #characters: readonly string[];
  readonly #isAnyCase: boolean;

  constructor(characters: readonly string[], isAnyCase: boolean) {
    this.#characters = characters;
    this.#isAnyCase = isAnyCase;
  }

  parse(): PatternNode {
    const node = this.#choice();
    if (this.#at < this.#characters.length) throw new PatternError("has a ) that closes nothing");
    return node;
  }

  #choice(): PatternNode {
    const parts = [this.#sequence()];
    while (this.#take("|")) parts.push(this.#sequence());
    return parts.length === 1 ? (parts[0] as PatternNode) : { type: "choice", parts };
  }

  #sequence(): PatternNode {
    const parts: PatternNode[] = [];
    for (let next = this.#peek(); next !== undefined && next !== "|" && next !== ")"; next = this.#peek())
      parts.push(this.#repeated());
    return { type: "sequence", parts };
  }

  #repeated(): PatternNode {
    const part = this.#atom();
    const bounds = this.#bounds();
    if (bounds === undefined) return part;
    if (this.#take("+")) throw new PatternError("has a possessive repetition");
    this.#take("?"); // lazy or greedy, the same texts match
    if (this.#bounds() !== undefined) throw new PatternError("repeats a repetition");
    return { type: "repeat", part, ...bounds };
  }

  #bounds(): { min: number; max: number } | undefined {
    if (this.#take("*")) return { min: 0, max: Infinity };
    if (this.#take("+")) return { min: 1, max: Infinity };
    if (this.#take("?")) return { min: 0, max: 1 };
    if (this.#peek() !== "{") return undefined;
    const text = this.#characters.slice(this.#at, this.#at + 12).join("");
    const found = /^\{(\d{1,4})(?:(,)(\d{1,4})?)?\}/.exec(text);
    if (found === null) throw new PatternError("has a { that begins no repetition; write \\{ for a brace");
    this.#at += found[0].length;
    const min = Number(found[1]);
    const max = found[3] !== undefined ? Number(found[3]) : found[2] === undefined ? min : Infinity;
    if (min > max) throw new PatternError("has a repetition whose bounds are the wrong way round");
    if (min > MAX_REPEAT || (max !== Infinity && max > MAX_REPEAT))
      throw new PatternError(`repeats more than ${MAX_REPEAT} times`);
    return { min, max };
  }

  #atom(): PatternNode {
    const character = this.#next();
    switch (character) {
      case "(":
        return this.#group();
      case "[":
        return { type: "character", matches: this.#anyCase(this.#class()) };
      case ".":
        return { type: "character", matches: isAny };
      case "^":
        return { type: "start" };
      case "$":
        return { type: "end" };
      case "\\":
        return this.#escape();
      case "*":
      case "+":
      case "?":
      case "{":
        throw new PatternError(`has a ${character} that repeats nothing`);
      default:
        return this.#literal(character.codePointAt(0) as number);
    }
  }

  #group(): PatternNode {
    if (this.#take("?") && !this.#take(":")) {
      const next = this.#next();
      const isNamed = next === "<" && !["=", "!"].includes(this.#peek() ?? "");
      if (!isNamed) throw new PatternError("looks ahead or behind, which cannot be matched in linear time");
      while (this.#next() !== ">");
    }
    if (++this.#depth > MAX_NESTING) throw new PatternError("is nested too deeply");
    const node = this.#choice();
    if (!this.#take(")")) throw new PatternError("has a ( that is never closed");
    this.#depth -= 1;
    return node;
  }

  #escape(): PatternNode {
    const character = this.#next();
    if (character === "b") return { type: "word-edge" };
    if (character === "B") return { type: "no-word-edge" };
    if (/[1-9]/.test(character) || character === "k")
      throw new PatternError("refers back to a group, which cannot be matched in linear time");
    const matches = CLASSES[character];
    return matches === undefined ? this.#literal(this.#escaped(character)) : { type: "character", matches };
  }

  /** The code point that an escape stands for. */
  #escaped(character: string): number {
    const control = CONTROLS[character];
    if (control !== undefined) return control;
    if (character === "x") return this.#hexadecimal(2);
    if (character === "u") return this.#hexadecimal(4);
    if (/[A-Za-z0-9]/.test(character)) throw new PatternError(`has \\${character}, which is not known here`);
    return character.codePointAt(0) as number;
  }

  #hexadecimal(length: number): number {
    const digits = this.#characters.slice(this.#at, this.#at + length).join("");
    if (!/^[0-9a-f]+$/i.test(digits) || digits.length !== length)
      throw new PatternError("has an escape without its hexadecimal digits");
    this.#at += length;
    return Number.parseInt(digits, 16);
  }

  #class(): CharacterTest {
    const isNegated = this.#take("^");
    const tests: CharacterTest[] = [];
    while (!this.#take("]")) {
      const from = this.#classMember();
      if (typeof from !== "number") {
        tests.push(from);
        continue;
      }
      const isRange = this.#peek() === "-" && ![undefined, "]"].includes(this.#characters[this.#at + 1]);
      if (!isRange) {
        tests.push((point) => point === from);
        continue;
      }
      this.#at += 1;
      const to = this.#classMember();
      if (typeof to !== "number" || to < from)
        throw new PatternError("has a range that ends before it begins");
      tests.push((point) => point >= from && point <= to);
    }
    const isIn: CharacterTest = (point) => tests.some((test) => test(point));
    return isNegated ? (point) => !this.#anyCase(isIn)(point) : isIn;
  }

  #classMember(): number | CharacterTest {
    const character = this.#next();
    if (character !== "\\") return character.codePointAt(0) as number;
    const escaped = this.#next();
    return CLASSES[escaped] ?? (escaped === "b" ? 8 : this.#escaped(escaped));
  }

  #literal(point: number): PatternNode {
    return { type: "character", matches: this.#anyCase((other) => other === point) };
  }

  #anyCase(matches: CharacterTest): CharacterTest {
    if (!this.#isAnyCase) return matches;
    return (point) => otherCases(point).some(matches);
  }

  #peek(): string | undefined {
    return this.#characters[this.#at];
  }

  #take(character: string): boolean {
    if (this.#characters[this.#at] !== character) return false;
    this.#at += 1;
    return true;
  }

  #next(): string {
    const character = this.#characters[this.#at++];
    if (character === undefined) throw new PatternError("ends too early");
    return character;
  }
}

function otherCases(point: number): number[] {
  const text = String.fromCodePoint(point);
  return [text, text.toLowerCase(), text.toUpperCase()].map((same) => same.codePointAt(0) as number);
}
