import { expect, test } from "vitest";
import { didYouMean, nearestName } from "./nearest-name.ts";

const KNOWN = ["delete_records", "send_notification", "query_users"];

test.each([
  ["delete_record", "delete_records"],
  ["delte_recrods", "delete_records"],
  ["DELETE_RECORDS", "delete_records"],
  ["qeury_users", "query_users"],
  ["transfer", undefined],
  ["", undefined],
])("%j is meant to be %j", (name, meant) => {
  expect(nearestName(name, KNOWN)).toBe(meant);
});

test("a swap of neighbours is one edit, and of two that are as near the first is taken", () => {
  expect(nearestName("ba", ["ab"])).toBe("ab");
  expect(nearestName("ab", ["abc", "abd"])).toBe("abc");
});

test("in words, or nothing", () => {
  expect(didYouMean("delete_record", KNOWN)).toBe(' Did you mean "delete_records"?');
  expect(didYouMean("transfer", KNOWN)).toBe("");
});
