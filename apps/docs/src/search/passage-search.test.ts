import { expect, test } from "vitest";
import { createPassageSearch } from "./passage-search.ts";
import { termsOf } from "./terms.ts";

const record = (id: string, heading: string, text: string) => ({
  id,
  page: "P",
  heading,
  section: "S",
  text,
});
const search = createPassageSearch([
  record("a", "Decisions", "Send the actionHash of what was shown."),
  record("b", "Action", "The hash of an action."),
  record("c", "POST /v1/holds/{id}/claim-execution", "Redeem an approval, once."),
  record("d", "Settings", "HOLDPOINT_DATABASE_URL names a PostgreSQL."),
]);
const ids = (query: string) => search.find(query, 10).map((found) => found.id);

test("a name written together is a word, and so are its parts", () => {
  expect(termsOf("the actionHash, v1")).toEqual(["the", "actionHash", "action", "Hash", "v1"]);
});

test("a name finds the passage that has it", () => {
  expect(ids("actionHash")).toEqual(["a"]);
  expect(ids("action hash").sort()).toEqual(["a", "b"]);
});

test("beginnings, paths, settings and slips of the finger are found", () => {
  expect(ids("claim-exec")).toEqual(["c"]);
  expect(ids("DATABASE_URL")).toEqual(["d"]);
  expect(ids("setings")).toEqual(["d"]);
  expect(ids("nothing such")).toEqual([]);
});
