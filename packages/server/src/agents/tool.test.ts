import { describe, expect, expectTypeOf, test } from "vitest";
import { z } from "zod";
import { ConfigError } from "./options.ts";
import { defineTool, type ToolOptions } from "./tool.ts";

const good = {
  name: "delete_records",
  description: "Deletes.",
  input: z.object({ table: z.string(), count: z.int().min(1), mode: z.enum(["a", "b"]).default("a") }),
  execute: () => null,
} satisfies ToolOptions;

function problemOf(options: object): string {
  try {
    defineTool({ ...good, ...options });
  } catch (error) {
    if (error instanceof ConfigError) return error.message;
    throw error;
  }
  return "none";
}

test("arguments are typed by the schema", () => {
  defineTool({
    ...good,
    execute(args) {
      expectTypeOf(args).toEqualTypeOf<{ table: string; count: number; mode: "a" | "b" }>();
    },
  });
});

describe("arguments are parsed once", () => {
  const tool = defineTool(good);

  test("what comes out has its defaults, and satisfies the schema that a reviewer's change must satisfy", () => {
    expect(tool.parseArguments({ table: "t", count: 3 })).toEqual({
      ok: true,
      value: { table: "t", count: 3, mode: "a" },
    });
    expect(tool.inputSchema).toMatchObject({ required: ["table", "count"], additionalProperties: false });
    expect(tool.argumentsSchema).toMatchObject({
      required: ["table", "count", "mode"],
      additionalProperties: false,
    });
  });

  test.each([
    ["a missing one", { table: "t" }, "count"],
    ["a wrong type", { table: "t", count: "3" }, "count"],
    ["one that nobody knows", { table: "t", count: 3, force: true }, "force"],
    ["an integer that JSON rounds", { table: "t", count: 2 ** 60 }, "count"],
    ["U+0000", { table: "\u0000", count: 3 }, "table"],
    ["no object", [1], ""],
  ])("%s is refused with its path", (_name, given, path) => {
    expect(tool.parseArguments(given)).toMatchObject({ ok: false, errors: [{ path }] });
  });

  test("a loose object keeps what it does not name", () => {
    const loose = defineTool({ ...good, input: z.looseObject({ a: z.string() }) });
    expect(loose.parseArguments({ a: "x", b: 1 })).toEqual({ ok: true, value: { a: "x", b: 1 } });
  });
});

describe("what would change a value between approval and execution is refused, with the tool and the place", () => {
  test.each([
    ["a transform", z.object({ a: z.string().transform(Number) }), "input.a"],
    ["a coercion", z.object({ a: z.coerce.number() }), "input.a"],
    ["a preprocess", z.object({ a: z.preprocess(String, z.string()) }), "input.a"],
    ["trim", z.object({ a: z.string().trim() }), "input.a"],
    ["a catch", z.object({ a: z.number().catch(1) }), "input.a"],
    [
      "deep inside",
      z.object({ a: z.array(z.object({ b: z.union([z.string(), z.coerce.date()]) })).optional() }),
      "input.a[].b[1]",
    ],
  ])("%s", (_name, input, path) => {
    expect(problemOf({ input })).toMatch(`Tool "delete_records": ${path} is `);
  });

  test.each([
    ["a date", z.object({ a: z.date() })],
    ["a big integer", z.object({ a: z.bigint() })],
    ["a map", z.object({ a: z.map(z.string(), z.string()) })],
  ])("%s has no JSON Schema", (_name, input) => {
    expect(problemOf({ input })).toContain('Tool "delete_records": its input has no JSON Schema');
  });
});

describe("wrong options are told by name", () => {
  test.each([
    [
      { requireConfirmation: true },
      'unknown option "requireConfirmation". Did you mean "requiresConfirmation"?',
    ],
    [{ name: "delete records" }, 'option "name" must be letters, digits'],
    [{ name: "hitl" }, 'the name "hitl" is reserved'],
    [{ execute: undefined }, 'option "execute" is missing'],
    [{ reversibility: "irreversibl" }, 'did you mean "irreversible"?'],
    [{ timeoutSeconds: 1.5 }, 'option "timeoutSeconds" must be a whole number'],
    [
      { onTimeout: "approve", reversibility: "irreversible" },
      'onTimeout "approve" needs reversibility "reversible"',
    ],
    [{ input: z.string() }, 'option "input" must be a Zod object'],
    [{ requiresConfirmation: "managr" }, 'Did you mean "manager"?'],
    [{ requiresConfirmation: { treshold: 1 } }, 'unknown option "treshold". Did you mean "threshold"?'],
    [
      { requiresConfirmation: { threshold: 1, of: "cuont" } },
      'names "cuont", which is no numeric argument. Numeric arguments: count.',
    ],
    [{ requiresConfirmation: { threshold: 1, comparator: "lt" } }, "must be one of gte, gt"],
    [{ value: "table" }, 'names "table", which is no numeric argument'],
  ])("%j", (options, message) => {
    expect(problemOf(options)).toContain(message);
  });

  test("a threshold without `of` takes the only numeric argument", () => {
    expect(defineTool({ ...good, requiresConfirmation: { threshold: 5 } }).confirmation).toMatchObject({
      confirmation: { of: "count", comparator: "gte" },
    });
    const input = z.object({ a: z.number(), b: z.number() });
    expect(problemOf({ input, requiresConfirmation: { threshold: 5 } })).toContain("does not say of what");
  });
});

test("the hash stands for name, schema, reversibility and version, and not for words", () => {
  const hash = (options: object): string => defineTool({ ...good, ...options }).toolHash;
  expect(hash({ description: "Other words.", timeoutSeconds: 9 })).toBe(hash({}));
  for (const change of [
    { name: "x" },
    { reversibility: "reversible" },
    { version: "2" },
    { input: z.object({}) },
  ]) {
    expect(hash(change)).not.toBe(hash({}));
  }
});
