// Defect 33: edited numbers came back as strings.
import fc from "fast-check";
import { toJsonValue, type JsonObject, type JsonValue } from "@holdpoint/protocol";
import { UsageError } from "../src/cli/exit-code.ts";
import { describe, expect, test } from "vitest";
import { findChanges } from "../src/cli/holds/difference.ts";
import { applyAssignments, parseAssignment } from "../src/cli/holds/typed-value.ts";

const schema: JsonObject = {
  type: "object",
  additionalProperties: false,
  properties: {
    count: { type: "integer" },
    ratio: { type: "number" },
    name: { type: "string" },
    dry: { type: "boolean" },
    note: { type: ["string", "null"] },
    limit: { anyOf: [{ type: "integer" }, { type: "null" }] },
    level: { enum: [1, 2, "three"] },
    tags: { type: "array", items: { type: "string" } },
    address: { $ref: "#/$defs/address" },
    "a.b": { type: "integer" },
  },
  $defs: { address: { type: "object", properties: { zip: { type: "string" }, floor: { type: "integer" } } } },
};
const proposed: JsonObject = { count: 50, name: "x", address: { zip: "01234", floor: 1 }, "a.b": 1 };

function set(...options: string[]): JsonObject {
  return applyAssignments(
    proposed,
    schema,
    options.map((option) => parseAssignment(option, false)),
  );
}

function isCarriedSafely(value: JsonValue): boolean {
  try {
    toJsonValue(value);
    return true;
  } catch {
    return false;
  }
}

describe("--set", () => {
  test.each<[string, JsonObject]>([
    ["count=10", { count: 10 }],
    ["count=-3", { count: -3 }],
    ["ratio=0.5", { ratio: 0.5 }],
    ["ratio=1e3", { ratio: 1000 }],
    ["name=10", { name: "10" }],
    ["name=", { name: "" }],
    ["name=a=b", { name: "a=b" }],
    ["dry=true", { dry: true }],
    ["note=null", { note: null }],
    ["note=none", { note: "none" }],
    ["limit=5", { limit: 5 }],
    ["limit=null", { limit: null }],
    ["level=2", { level: 2 }],
    ["level=three", { level: "three" }],
    ['tags=["a"]', { tags: ["a"] }],
    ["address.zip=00001", { address: { zip: "00001", floor: 1 } }],
    ["address.floor=2", { address: { zip: "01234", floor: 2 } }],
    ["a.b=7", { "a.b": 7 }],
  ])("%s has the type of its field", (option, expected) => {
    expect(set(option)).toEqual({ ...proposed, ...expected });
  });

  test.each([
    "count=1.5",
    "count=ten",
    "count=",
    "count= 5",
    "count=0x10",
    "count=9007199254740993",
    "ratio=NaN",
    "ratio=1e999",
    "dry=yes",
    "level=4",
    "tags=a",
    "address=1",
    "cuont=5",
    "name.first=x",
    "__proto__=1",
  ])("%s is refused", (option) => {
    expect(() => set(option)).toThrow(UsageError);
  });

  test("leaves the proposed arguments as they are", () => {
    const before = structuredClone(proposed);
    set("address.floor=2", "count=1");
    expect(proposed).toEqual(before);
  });

  test("without a schema a value keeps the type that it has", () => {
    const change = (option: string) =>
      applyAssignments({ count: 1, on: true }, null, [parseAssignment(option, false)]);
    expect(change("count=2")).toEqual({ count: 2, on: true });
    expect(change("on=false")).toEqual({ count: 1, on: false });
    expect(() => change("count=two")).toThrow(/a number/);
    expect(() => change("other=2")).toThrow(/--set-json/);
  });

  test("--set-json sets exactly that value, whatever it is", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const json = JSON.parse(JSON.stringify(value)) as JsonValue;
        fc.pre(isCarriedSafely(json)); // others are refused everywhere
        const edited = applyAssignments({}, null, [parseAssignment(`field=${JSON.stringify(json)}`, true)]);
        expect(edited).toEqual({ field: json });
      }),
    );
  });
});

describe("the difference", () => {
  test("names each change at its place, and is empty exactly when nothing changed", () => {
    expect(findChanges(proposed, set("count=10", "address.floor=2", "note=null"))).toEqual([
      { path: "count", before: 50, after: 10 },
      { path: "address.floor", before: 1, after: 2 },
      { path: "note", before: undefined, after: null },
    ]);
    expect(findChanges(proposed, structuredClone(proposed))).toEqual([]);
    expect(findChanges({ a: { x: 1, y: 2 } }, { a: { y: 2, x: 1 } })).toEqual([]);
    expect(findChanges({ a: [1, 2] }, { a: [2, 1] })).toHaveLength(1);
    expect(findChanges({ a: 1 }, {})).toEqual([{ path: "a", before: 1, after: undefined }]);
  });
});
