import type { JsonObject } from "@holdpoint/protocol";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { mergeModification } from "./modification.ts";

const original = { table_name: "users", count: 50, filter: { age: 3, city: "Bonn" } };

test.each<[string, JsonObject, JsonObject]>([
  ["replaces members at the top level", { count: 10 }, { ...original, count: 10 }],
  ["sets null", { count: null }, { ...original, count: null }],
  ["does not merge deeper", { filter: { age: 4 } }, { ...original, filter: { age: 4 } }],
  ["adds members", { force: true }, { ...original, force: true }],
])("modifications %s", (_name, modifications, expected) => {
  expect(mergeModification(original, { modifications })).toEqual({ arguments: expected, isChanged: true });
});

test("arguments replace everything", () => {
  expect(mergeModification(original, { arguments: { count: 10 } })).toEqual({
    arguments: { count: 10 },
    isChanged: true,
  });
});

test("types stay: 50 and '50' differ (defect 33)", () => {
  expect(mergeModification(original, { modifications: { count: "50" } })).toMatchObject({ isChanged: true });
  expect(mergeModification(original, { modifications: { count: 10 } })).toHaveProperty("arguments.count", 10);
});

test("both, or none, is an error", () => {
  expect(mergeModification(original, { modifications: {}, arguments: {} })).toHaveProperty("errors");
  expect(mergeModification(original, {})).toHaveProperty("errors");
});

const object = fc
  .dictionary(
    fc.string().filter((key) => key !== "__proto__"),
    fc.jsonValue(),
  )
  .map((value) => JSON.parse(JSON.stringify(value)) as JsonObject);

describe("properties", () => {
  test("what is modified is as it was said, the rest as it was", () => {
    fc.assert(
      fc.property(object, object, (original, modifications) => {
        const merged = mergeModification(original, { modifications });
        if ("errors" in merged) throw new Error("refused");
        const keys = new Set([...Object.keys(original), ...Object.keys(modifications)]);
        expect(new Set(Object.keys(merged.arguments))).toEqual(keys);
        for (const key of keys) {
          expect(merged.arguments[key]).toEqual(
            Object.hasOwn(modifications, key) ? modifications[key] : original[key],
          );
        }
      }),
    );
  });

  test("merging what is there already changes nothing, in any order of keys", () => {
    fc.assert(
      fc.property(object, (original) => {
        const same = Object.fromEntries(Object.entries(original).toReversed());
        expect(mergeModification(original, { modifications: same })).toMatchObject({ isChanged: false });
        expect(mergeModification(original, { arguments: same })).toMatchObject({ isChanged: false });
        expect(mergeModification(original, { modifications: {} })).toMatchObject({ isChanged: false });
      }),
    );
  });

  test("merging twice is merging once, and the original stays", () => {
    fc.assert(
      fc.property(object, object, (original, modifications) => {
        const before = structuredClone(original);
        const once = mergeModification(original, { modifications });
        if ("errors" in once) throw new Error("refused");
        expect(mergeModification(once.arguments, { modifications })).toEqual({
          arguments: once.arguments,
          isChanged: false,
        });
        expect(original).toEqual(before);
      }),
    );
  });
});
