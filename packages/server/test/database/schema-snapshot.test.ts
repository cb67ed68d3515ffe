import { readFileSync, writeFileSync } from "node:fs";
import { expect, test } from "vitest";
import { dumpSchema, renderSchemaTypes } from "../../src/database/schema-snapshot.ts";
import { describeEachStore } from "../../src/testing/stores.ts";

const SNAPSHOT = new URL("../../src/database/schema.snapshot.txt", import.meta.url);
const TYPES = new URL("../../src/database/schema.ts", import.meta.url);

/** What the file holds. After a review of the change, UPDATE_SNAPSHOT=1 writes it. */
function readExpected(file: URL, actual: string): string {
  if (process.env["UPDATE_SNAPSHOT"] === "1") writeFileSync(file, actual);
  return readFileSync(file, "utf8");
}

describeEachStore("the schema is the one under review (UPDATE_SNAPSHOT=1 writes it)", (store) => {
  test("tables, constraints, policies, grants and functions", async () => {
    const actual = await store().database.ownerSession(dumpSchema);
    expect(actual).toBe(readExpected(SNAPSHOT, actual));
  });

  test("types of the tables for Kysely", async () => {
    const actual = await store().database.ownerSession(renderSchemaTypes);
    expect(actual).toBe(readExpected(TYPES, actual));
  });
});
