import { runInNewContext } from "node:vm";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { formatPath, JsonValueError, parseJson, toJsonObject, toJsonValue } from "./json-value.ts";

function nested(depth: number): unknown {
  let value: unknown = 1;
  for (let level = 0; level < depth; level++) value = [value];
  return value;
}

const cycle: Record<string, unknown> = {};
cycle["self"] = { back: cycle };

describe("toJsonValue refuses, and says where", () => {
  test.each<[string, unknown, string, RegExp]>([
    ["an unsafe integer", { count: 2 ** 53 }, "count", /beyond 2\^53/],
    ["a negative unsafe integer", [-(2 ** 53)], "[0]", /beyond 2\^53/],
    ["NaN", { a: [{ b: NaN }] }, "a[0].b", /finite/],
    ["Infinity", Infinity, "", /finite/],
    ["U+0000 in a value", { a: "x\0" }, "a", /U\+0000/],
    ["U+0000 in a name", { "a\0": 1 }, '["a\\u0000"]', /U\+0000/],
    ["a lone surrogate", ["ok", "\ud83d"], "[1]", /surrogate/],
    ["a lone surrogate in a name", { "\udc00": 1 }, '["\\udc00"]', /surrogate/],
    ["an own __proto__", JSON.parse('{"a":{"__proto__":{"admin":true}}}'), "a.__proto__", /__proto__/],
    ["a date", { at: new Date(0) }, "at", /Date/],
    ["a map", new Map(), "", /Map/],
    ["a set", new Set(), "", /Set/],
    ["bytes", new Uint8Array(2), "", /Uint8Array/],
    [
      "a class instance",
      new (class Money {
        euros = 1;
      })(),
      "",
      /Money/,
    ],
    ["a boxed number", Object(1), "", /Number/],
    ["a big integer", { n: 1n }, "n", /big integer/],
    ["an undefined member", { a: 1, b: undefined }, "b", /undefined/],
    ["a hole", [1, , 3], "[1]", /undefined/], // oxlint-disable-line no-sparse-arrays
    ["a function", { run: () => 1 }, "run", /function/],
    ["a toJSON method", { toJSON: () => ({ harmless: true }) }, "toJSON", /function/],
    ["a symbol", [Symbol("x")], "[0]", /symbol/],
    ["a symbol as key", { [Symbol("x")]: 1 }, "", /symbol/],
    ["a cycle", cycle, "self.back", /itself/],
    ["nesting over 100", nested(101), "[0]".repeat(100), /deeper/],
  ])("%s", (_name, value, path, reason) => {
    const error = thrownBy(() => toJsonValue(value));
    expect(error).toBeInstanceOf(JsonValueError);
    expect(error).toMatchObject({ path, reason: expect.stringMatching(reason), status: 422 });
  });
});

describe("toJsonValue keeps", () => {
  test("-0 as 0", () => expect(Object.is(toJsonValue(-0), 0)).toBe(true));
  test("100 levels", () => expect(toJsonValue(nested(100))).toEqual(nested(100)));
  test("the same object in two places", () => {
    const shared = { a: 1 };
    expect(toJsonValue([shared, shared])).toEqual([{ a: 1 }, { a: 1 }]);
  });
  test("objects without a prototype and of another realm", () => {
    expect(toJsonValue(Object.assign(Object.create(null), { a: 1 }))).toEqual({ a: 1 });
    expect(toJsonValue(runInNewContext("({a: [1]})"))).toEqual({ a: [1] });
  });
  test("members named like those of Object.prototype", () => {
    expect(toJsonValue({ constructor: "x", toString: 1 })).toEqual({ constructor: "x", toString: 1 });
  });
  test("the largest safe integers and any fraction", () => {
    expect(toJsonValue([Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER, 0.1, 5e-324])).toHaveLength(4);
  });
});

test("the result is a copy", () => {
  const value = { list: [{ a: 1 }] };
  const copy = toJsonValue(value) as typeof value;
  value.list[0]!.a = 2;
  expect(copy.list[0]!.a).toBe(1);
});

test("everything JSON.parse can give is either refused or comes back equal", () => {
  fc.assert(
    fc.property(fc.json(), (text) => {
      try {
        expect(JSON.parse(JSON.stringify(parseJson(text)))).toEqual(parseJson(text));
      } catch (error) {
        if (!JsonValueError.isInstance(error)) throw error;
      }
    }),
  );
});

test("parseJson refuses numbers that JSON.parse has rounded", () => {
  expect(() => parseJson('{"count": 9007199254740993}')).toThrow(/count/);
  expect(() => parseJson("1e400")).toThrow(/finite/);
  expect(() => parseJson("{")).toThrow(SyntaxError);
});

test("toJsonObject takes objects only", () => {
  expect(toJsonObject({ a: 1 })).toEqual({ a: 1 });
  expect(() => toJsonObject([1], "arguments")).toThrow("The value at arguments must be an object.");
  expect(() => toJsonObject(null)).toThrow(JsonValueError);
});

test("a path is written the same way for schema issues", () => {
  expect(formatPath(["arguments", "items", 0, "x-id"])).toBe('arguments.items[0]["x-id"]');
  expect(formatPath([])).toBe("");
});

function thrownBy(run: () => unknown): unknown {
  try {
    run();
  } catch (error) {
    return error;
  }
  return undefined;
}
