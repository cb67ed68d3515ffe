import { describe, expect, test } from "vitest";
import { toolHash, type ToolIdentity } from "./tool-hash.ts";

const tool: ToolIdentity = {
  name: "delete_records",
  inputSchema: {
    type: "object",
    properties: {
      table_name: { type: "string", enum: ["users", "orders"] },
      count: { type: "integer", minimum: 1, default: 10 },
      filter: {
        anyOf: [{ type: "object", properties: { description: { type: "string" } } }, { type: "null" }],
      },
    },
    required: ["table_name", "count"],
    additionalProperties: false,
  },
  reversibility: "irreversible",
  version: "1",
};

// oxlint-disable-next-line no-explicit-any -- a schema is edited here by hand, deep inside
type Loose = any;
type Change = (schema: Loose) => void;

function withSchema(change: Change): string {
  const inputSchema = structuredClone(tool.inputSchema);
  change(inputSchema);
  return toolHash({ ...tool, inputSchema });
}

describe("voids nothing", () => {
  test.each<[string, (schema: Loose) => void]>([
    ["a $schema", (schema) => (schema.$schema = "https://json-schema.org/draft/2020-12/schema")],
    ["a description of the whole", (schema) => (schema.description = "Deletes.")],
    ["a description of a property", (schema) => (schema.properties.count.description = "How many")],
    ["a description in a union", (schema) => (schema.properties.filter.anyOf[0].description = "Which")],
    ["another order of required", (schema) => schema.required.reverse()],
    ["another order of enum", (schema) => schema.properties.table_name.enum.reverse()],
    [
      "another order of properties",
      (schema) => (schema.properties = Object.fromEntries(Object.entries(schema.properties).reverse())),
    ],
  ])("%s", (_name, change) => expect(withSchema(change)).toBe(toolHash(tool)));
});

describe("voids decisions (I8)", () => {
  test.each<[string, (schema: Loose) => void]>([
    ["a wider enum", (schema) => schema.properties.table_name.enum.push("invoices")],
    ["another bound", (schema) => (schema.properties.count.minimum = 0)],
    ["another default", (schema) => (schema.properties.count.default = 1000)],
    ["a property less required", (schema) => schema.required.pop()],
    ["a new property", (schema) => (schema.properties.force = { type: "boolean" })],
    [
      "a property that is named description",
      (schema) => delete schema.properties.filter.anyOf[0].properties.description,
    ],
    ["additional properties", (schema) => (schema.additionalProperties = true)],
    [
      "another order of a tuple",
      (schema) => (schema.properties.count = { prefixItems: [{ const: 2 }, { const: 1 }] }),
    ],
  ])("%s", (_name, change) => expect(withSchema(change)).not.toBe(toolHash(tool)));

  test("name, reversibility, version, and having no schema", () => {
    const hashes = [
      tool,
      { ...tool, name: "delete_record" },
      { ...tool, reversibility: "reversible" as const },
      { ...tool, reversibility: undefined },
      { ...tool, version: "2" },
      { ...tool, inputSchema: undefined },
      { ...tool, inputSchema: true },
    ].map(toolHash);
    expect(new Set(hashes).size).toBe(hashes.length);
  });
});

test("data in a schema is kept as it is", () => {
  const withDefault = (value: object) => toolHash({ name: "t", inputSchema: { default: { ...value } } });
  expect(withDefault({ description: "a", enum: [2, 1] })).not.toBe(withDefault({ enum: [2, 1] }));
  expect(withDefault({ enum: [2, 1] })).not.toBe(withDefault({ enum: [1, 2] }));
});
