import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { compilePattern, MAX_MATCHED_LENGTH } from "./linear-pattern.ts";
import { PatternError } from "./pattern-syntax.ts";

describe("the same texts match as in the engine's own RegExp", () => {
  const patterns = [
    "a", "", "^a$", "a|b", "^(a|bc)+$", "a{2}", "^a{1,3}$", "^a{2,}$", "a*?b", "[a-c]+x", "[^a-c]", "\\d+",
    "\\bab\\b", "a\\Bb", "(?:ab)?c", "(?<n>ab)c", "\\.", "[\\d.]+", "[a-]", "(a*)*b", "(a|a)*b", "a.c", "\\x61",
    "\\u0061b", "^$", "^(a?){3}a{3}$", "[\\]a]", "\\s", "(a|b|)c",
  ]; // prettier-ignore
  test.each(patterns)("%s", (source) => {
    const pattern = compilePattern(source);
    const text = fc.string({
      unit: fc.constantFrom("a", "b", "c", "x", ".", "-", "1", " ", "]", "\n"),
      maxLength: 12,
    });
    fc.assert(
      fc.property(text, (value) => pattern.test(value) === new RegExp(source).test(value)),
      { numRuns: 300 },
    );
  });

  test("in any case", () => {
    expect(compilePattern("(?i)straße [a-f]").test("STRAßE F")).toBe(true);
    expect(compilePattern("(?i)[^a]").test("A")).toBe(false);
    expect(compilePattern("abc").test("ABC")).toBe(false);
  });
});

test.each([
  ["(a)\\1", "refers back"],
  ["(?<n>a)\\k<n>", "refers back"],
  ["(?=a)b", "looks ahead"],
  ["(?!a)b", "looks ahead"],
  ["(?<=a)b", "looks ahead"],
  ["(?<!a)b", "looks ahead"],
  ["a++", "possessive"],
  ["a**", "repeats a repetition"],
  ["*a", "repeats nothing"],
  ["a{2,1}", "wrong way round"],
  ["a{1000}", "more than 100 times"],
  ["((a{100}){100}){100}", "too big"],
  ["(a", "never closed"],
  ["a)", "closes nothing"],
  ["[a", "ends too early"],
  ["a{x", "begins no repetition"],
  ["\\p{L}", "not known"],
  ["(".repeat(30) + ")".repeat(30), "too deeply"],
  ["a".repeat(501), "longer than"],
])("%s is refused: %s", (source, message) => {
  expect(() => compilePattern(source)).toThrow(PatternError);
  expect(() => compilePattern(source)).toThrow(message);
});

/** The engine's RegExp needs years for these; that the test ends is what is shown. */
test.each(["^(a+)+$", "^(a|a)*$", "^(a|aa)+$", "(.*a){20}", "a*a*a*a*a*a*a*b", "^(\\w+\\s?)*$", "(x+x+)+y"])(
  "%s is matched in linear time against what is catastrophic elsewhere",
  (source) => {
    const pattern = compilePattern(source);
    expect(pattern.test(`${"a".repeat(5_000)}!`)).toBe(source === "(.*a){20}");
    expect(pattern.test(`${"x".repeat(5_000)}!`)).toBe(false);
  },
);

test("a text that is too long is an error, not an answer", () => {
  expect(() => compilePattern("a").test("b".repeat(MAX_MATCHED_LENGTH + 1))).toThrow(PatternError);
});
