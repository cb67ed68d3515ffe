import { expect, test } from "vitest";
import { membersAt } from "./members-at.ts";
import { policySchema } from "./policy.ts";

test.each<[PropertyKey[], string]>([
  [[], "rotations"],
  [["rules", 3], "effect"],
  [["rules", 0, "effect", "quorum"], "required"],
  [["rotations", "on call"], "people"],
  [["businessHours"], "timeZone"],
])("an object at %j may have %s", (path, name) => {
  expect(membersAt(policySchema, path)).toContain(name);
});

test.each<[PropertyKey[]]>([
  [["rules"]],
  [["rules", 0, "id"]],
  [["nothing", "here"]],
  [["rules", 0, "effect", "route"]],
])("at %j there is no object of one shape", (path) => {
  expect(membersAt(policySchema, path)).toEqual([]);
});
