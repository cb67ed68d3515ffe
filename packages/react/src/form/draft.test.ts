import { toJsonObject, type JsonObject, type JsonValue } from "@holdpoint/protocol";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { findChanges } from "./changes.ts";
import { emptyDraft, fromDraft, givenDraft, readForm, toDraft, type Draft } from "./draft.ts";

const SCHEMA: JsonObject = {
  type: "object",
  properties: {
    table_name: { type: "string", enum: ["users", "orders"] },
    count: { type: "integer", minimum: 1, maximum: 9007199254740991 },
    ratio: { type: "number" },
    note: { anyOf: [{ type: "string" }, { type: "null" }] },
    dry: { type: "boolean" },
    lines: { type: "array", items: { type: "object", properties: { sku: { type: "string" } } } },
    "a.b": { type: "string" },
    odd: { anyOf: [{ type: "string" }, { type: "number" }] },
    where: { $ref: "#/$defs/place" },
  },
  required: ["table_name", "count"],
  $defs: { place: { type: "object", properties: { city: { type: "string" } } } },
};
const VALUE: JsonObject = {
  table_name: "users",
  count: 50,
  ratio: 0.1,
  note: null,
  dry: false,
  lines: [{ sku: "x" }, { sku: "y" }],
  "a.b": "c",
  odd: 7,
  where: { city: "Lund" },
};

describe("defect 33: what is edited keeps its type", () => {
  test("a draft that nobody touched reads back as the same value", () => {
    const field = readForm(SCHEMA, VALUE);
    expect(fromDraft(field, toDraft(field, VALUE))).toEqual({ value: VALUE });
  });

  test("any JSON value comes back unchanged, with and without a schema", () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 3 })), (random) => {
        const value = safe(random);
        fc.pre(value !== undefined);
        for (const schema of [null, SCHEMA]) {
          const field = readForm(schema, value);
          const read = fromDraft(field, toDraft(field, value));
          expect("value" in read ? findChanges(value, read.value ?? null) : read).toEqual([]);
        }
      }),
      { numRuns: 500 },
    );
  });

  test("a number stays a number, a whole one whole", () => {
    const field = readForm(SCHEMA, VALUE);
    expect(read(field, "count", "10")).toEqual({ value: { ...VALUE, count: 10 } });
    expect(read(field, "count", "1.5")).toEqual({
      problems: [{ place: "fields.1", message: "Write a whole number." }],
    });
    for (const text of ["", " ", "ten", "0x10", "1e999", "NaN", "9007199254740993"]) {
      expect([text, read(field, "count", text)]).toEqual([text, { problems: [expect.anything()] }]);
    }
    expect(read(field, "ratio", "1e-3")).toEqual({ value: { ...VALUE, ratio: 0.001 } });
  });

  test("the text of a number is a string where the schema says string", () => {
    const field = readForm({ properties: { zip: { type: "string" } } }, { zip: "22100" });
    expect(read(field, "zip", "0815")).toEqual({ value: { zip: "0815" } });
  });

  function read(field: ReturnType<typeof readForm>, name: string, text: string) {
    const value =
      field.shape.kind === "object" && "zip" in (fieldNames(field) ?? {}) ? { zip: "22100" } : VALUE;
    const draft = toDraft(field, value) as Extract<Draft, { kind: "object" }>;
    const shape = field.shape as Extract<typeof field.shape, { kind: "object" }>;
    const index = shape.fields.findIndex((entry) => entry.name === name);
    const fields = draft.fields.with(index, { ...draft.fields[index], text } as Draft);
    return fromDraft(field, { ...draft, fields });
  }

  function fieldNames(field: ReturnType<typeof readForm>) {
    return field.shape.kind === "object"
      ? Object.fromEntries(field.shape.fields.map((entry) => [entry.name, true]))
      : undefined;
  }
});

/** What this service takes at all: no number that JSON cannot carry exactly, no lone surrogate. */
function safe(value: unknown): JsonObject | undefined {
  try {
    return toJsonObject(JSON.parse(JSON.stringify(value)));
  } catch {
    return undefined;
  }
}

test("kinds of fields", () => {
  const field = readForm(SCHEMA, VALUE);
  const kinds =
    field.shape.kind === "object"
      ? Object.fromEntries(field.shape.fields.map((entry) => [entry.name, entry.field.shape.kind]))
      : {};
  expect(kinds).toEqual({
    table_name: "choice",
    count: "number",
    ratio: "number",
    note: "text",
    dry: "boolean",
    lines: "array",
    "a.b": "text",
    odd: "json",
    where: "object",
  });
});

describe("changes", () => {
  test.each<[JsonValue, JsonValue, object[]]>([
    [{ a: 1, b: 2 }, { b: 2, a: 1 }, []],
    [{ count: 50 }, { count: "50" }, [{ path: "count", before: 50, after: "50" }]],
    [{ a: { b: [1, 2] } }, { a: { b: [1, 3] } }, [{ path: "a.b[1]", before: 2, after: 3 }]],
    [{ a: 1 }, {}, [{ path: "a", before: 1, after: undefined }]],
    [[1], [1, null], [{ path: "[1]", before: undefined, after: null }]],
    [1, 2, [{ path: "value", before: 1, after: 2 }]],
  ])("%j to %j", (before, after, changes) => expect(findChanges(before, after)).toEqual(changes));
});

describe("an answer that nobody has written yet", () => {
  const field = readForm(
    {
      type: "object",
      properties: {
        account: { type: "string" },
        amount: { type: "number" },
        urgent: { type: "boolean" },
        kind: { enum: ["a", "b"] },
        to: { type: "object", properties: { city: { type: "string" } }, required: ["city"] },
        note: { type: "string" },
      },
      required: ["account", "amount", "urgent", "kind", "to"],
    },
    undefined,
  );
  const empty = emptyDraft(field) as Extract<Draft, { kind: "object" }>;

  test("begins with what is required empty, and nothing of it is taken for an answer", () => {
    expect(empty.fields.map(({ state }) => state)).toEqual([
      "wanted",
      "wanted",
      "wanted",
      "wanted",
      "value",
      "absent",
    ]);
    expect(fromDraft(field, empty)).toEqual({
      problems: [
        { place: "fields.0", message: "Write something." },
        { place: "fields.1", message: "Write a number." },
        { place: "fields.2", message: "Choose yes or no." },
        { place: "fields.3", message: "Choose one." },
        { place: "fields.4.fields.0", message: "Write something." },
      ],
    });
  });

  test("is an answer once all of it is given; an empty text only where it was meant", () => {
    const [account, amount, urgent, kind, to, note] = empty.fields;
    const city = { kind: "text", text: "", state: "value" };
    const fields = [
      { ...account, text: "DE1" },
      { ...amount, text: "3" },
      { ...urgent, answer: "no" },
      { ...kind, index: "1" },
      { ...to, fields: [city] },
      note,
    ] as Draft[];
    expect(fromDraft(field, { ...empty, fields })).toEqual({
      value: { account: "DE1", amount: 3, urgent: false, kind: "b", to: { city: "" } },
    });
  });

  test("giving a value where there was none begins empty too, and keeps what was written before", () => {
    const [, , , , to] = field.shape.kind === "object" ? field.shape.fields : [];
    const absent = toDraft(to?.field ?? field, undefined);
    expect(givenDraft(to?.field ?? field, absent)).toMatchObject({ fields: [{ state: "wanted" }] });
    const note = readForm({ type: "string" }, undefined);
    expect(givenDraft(note, { kind: "text", text: "kept", state: "absent" })).toMatchObject({
      text: "kept",
      state: "value",
    });
  });
});

describe("an answer of somebody who is asked: what is optional stands there empty", () => {
  const field = readForm(
    {
      type: "object",
      properties: {
        name: { type: "string" },
        floor: { type: "integer" },
        gift: { type: "boolean" },
        size: { oneOf: [{ const: "s", title: "Small" }, { const: "l" }] },
        note: { type: "string" },
      },
      required: ["name"],
    },
    undefined,
  );
  const empty = emptyDraft(field, { offersOptional: true }) as Extract<Draft, { kind: "object" }>;

  test("left empty it is left out; what is required is still wanted", () => {
    expect(empty.fields.map(({ state }) => state)).toEqual([
      "wanted",
      "offered",
      "offered",
      "offered",
      "offered",
    ]);
    const fields = empty.fields.with(0, { kind: "text", text: "Anna", state: "wanted" });
    expect(fromDraft(field, { ...empty, fields })).toEqual({ value: { name: "Anna" } });
  });

  test("filled in it counts, and what is no number is told", () => {
    const [, , , , note] = empty.fields;
    const fields = [
      { kind: "text", text: "Anna", state: "wanted" },
      { kind: "number", text: "ten", state: "offered" },
      { kind: "yes_no", answer: "no", state: "offered" },
      { kind: "choice", index: "1", state: "offered" },
      note,
    ] as Draft[];
    expect(fromDraft(field, { ...empty, fields })).toEqual({
      problems: [{ place: "fields.1", message: "Write a number." }],
    });
    const right = fields.with(1, { kind: "number", text: "3", state: "offered" });
    expect(fromDraft(field, { ...empty, fields: right })).toEqual({
      value: { name: "Anna", floor: 3, gift: false, size: "l" },
    });
  });

  test("choices have the titles that the schema gives them", () => {
    const size = field.shape.kind === "object" ? field.shape.fields[3]?.field.shape : undefined;
    expect(size).toEqual({ kind: "choice", values: ["s", "l"], titles: ["Small", undefined] });
  });
});
