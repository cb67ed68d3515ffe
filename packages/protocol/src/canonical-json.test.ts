import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { canonicalJson } from "./canonical-json.ts";
import type { JsonValue } from "./json-value.ts";

// RFC 8785, appendix B: IEEE 754 bits and their canonical text.
const NUMBERS = {
  "0000000000000000": "0",
  "8000000000000000": "0",
  "0000000000000001": "5e-324",
  "8000000000000001": "-5e-324",
  "7fefffffffffffff": "1.7976931348623157e+308",
  ffefffffffffffff: "-1.7976931348623157e+308",
  "4340000000000000": "9007199254740992",
  c340000000000000: "-9007199254740992",
  "4430000000000000": "295147905179352830000",
  "44b52d02c7e14af5": "9.999999999999997e+22",
  "44b52d02c7e14af6": "1e+23",
  "44b52d02c7e14af7": "1.0000000000000001e+23",
  "444b1ae4d6e2ef4e": "999999999999999700000",
  "444b1ae4d6e2ef4f": "999999999999999900000",
  "444b1ae4d6e2ef50": "1e+21",
  "3eb0c6f7a0b5ed8c": "9.999999999999997e-7",
  "3eb0c6f7a0b5ed8d": "0.000001",
  "41b3de4355555553": "333333333.3333332",
  "41b3de4355555554": "333333333.33333325",
  "41b3de4355555555": "333333333.3333333",
  "41b3de4355555556": "333333333.3333334",
  "41b3de4355555557": "333333333.33333343",
  becbf647612f3696: "-0.0000033333333333333333",
  "43143ff3c1cb0959": "1424953923781206.2",
};

describe("the vectors of RFC 8785", () => {
  test.each(Object.entries(NUMBERS))("number %s is %s", (bits, text) => {
    expect(canonicalJson(Buffer.from(bits, "hex").readDoubleBE())).toBe(text);
  });

  test.each(["7fffffffffffffff", "7ff0000000000000", "fff0000000000000"])("number %s is refused", (bits) => {
    expect(() => canonicalJson(Buffer.from(bits, "hex").readDoubleBE())).toThrow(TypeError);
  });

  test("literals, numbers and string escapes of section 3.2.2", () => {
    const input = String.raw`{
      "numbers": [333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001],
      "string": "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/",
      "literals": [null, true, false]
    }`;
    expect(canonicalJson(JSON.parse(input))).toBe(
      String.raw`{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"string":"€$\u000f\nA'B\"\\\\\"/"}`,
    );
  });

  test("members are sorted by UTF-16 code units, not by code points (section 3.2.3)", () => {
    const input = {
      "\u20ac": "Euro Sign",
      "\r": "Carriage Return",
      "\ufb33": "Hebrew Letter Dalet With Dagesh",
      "1": "One",
      "\ud83d\ude00": "Emoji: Grinning Face",
      "\u0080": "Control",
      "\u00f6": "Latin Small Letter O With Diaeresis",
    };
    expect(Object.values(JSON.parse(canonicalJson(input)))).toHaveLength(7);
    const order = ["\\r", "1", "\u0080", "\u00f6", "\u20ac", "\ud83d\ude00", "\ufb33"];
    const positions = order.map((key) => canonicalJson(input).indexOf(`"${key}":`));
    expect(positions).toEqual(positions.toSorted((a, b) => a - b));
    expect(positions).not.toContain(-1);
  });
});

describe("what a hash must never leave out", () => {
  test.each([
    ["undefined", undefined],
    ["an undefined member", { a: undefined }],
    ["a hole", [1, , 2]], // oxlint-disable-line no-sparse-arrays
    ["a function", () => 1],
    ["a big integer", 1n],
    ["a lone surrogate", "\ud800"],
    ["a key with a lone surrogate", { "\udc00": 1 }],
  ])("%s is refused", (_name, value) => {
    expect(() => canonicalJson(value as JsonValue)).toThrow(TypeError);
  });
});

const json = fc.jsonValue({ stringUnit: "grapheme" }) as fc.Arbitrary<JsonValue>;

describe("properties", () => {
  test("parsing what was written gives the value back", () => {
    fc.assert(
      fc.property(json, (value) => {
        expect(JSON.parse(canonicalJson(value))).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });

  test("writing again what was parsed changes nothing", () => {
    fc.assert(
      fc.property(json, (value) => {
        expect(canonicalJson(JSON.parse(canonicalJson(value)))).toBe(canonicalJson(value));
      }),
    );
  });

  test("the order of keys does not matter, at any depth", () => {
    fc.assert(
      fc.property(json, (value) => {
        expect(canonicalJson(reversed(value))).toBe(canonicalJson(value));
      }),
    );
  });
});

function reversed(value: JsonValue): JsonValue {
  if (Array.isArray(value)) return value.map(reversed);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .toReversed()
      .map(([key, member]) => [key, reversed(member)]),
  );
}
