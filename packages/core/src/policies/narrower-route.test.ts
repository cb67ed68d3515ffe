import type { Route } from "@holdpoint/protocol";
import { expect, test } from "vitest";
import { isNarrowerRoute } from "./narrower-route.ts";

const role = (name: "reviewer" | "manager" | "operator" | "admin"): Route => ({ role: name });
const user = (name: string): Route => ({ user: name });
const groups = { ops: ["ann@x.org", "bob@x.org"], few: ["ANN@x.org"] };

test.each<[Route, Route, boolean]>([
  [role("manager"), role("reviewer"), true],
  [role("reviewer"), role("manager"), false],
  [role("operator"), role("manager"), false],
  [role("admin"), role("operator"), true],
  [user("ann@x.org"), role("reviewer"), false], // nobody knows here what ann may
  [user("Ann@x.org"), { group: "ops" }, true],
  [user("eve@x.org"), { group: "ops" }, false],
  [{ group: "few" }, { group: "ops" }, true],
  [{ group: "ops" }, { group: "few" }, false],
  [{ group: "none" }, { group: "ops" }, false],
  [{ rotation: "a" }, { rotation: "a" }, true],
  [{ anyOf: [role("admin"), role("manager")] }, role("manager"), true],
  [{ anyOf: [role("admin"), role("reviewer")] }, role("manager"), false],
  [role("manager"), { anyOf: [role("admin"), role("manager")] }, true],
  [{ anyOf: [role("admin"), role("manager")] }, { anyOf: [role("manager"), user("x")] }, true],
  [{ allOf: [role("manager"), user("eve@x.org")] }, role("reviewer"), true],
  [role("admin"), { allOf: [role("manager"), role("admin")] }, false],
  [{ allOf: [role("admin"), role("admin")] }, { allOf: [role("manager"), role("admin")] }, true],
  [{ allOf: [role("admin"), role("reviewer")] }, { allOf: [role("manager"), role("admin")] }, false],
  [{ allOf: [role("manager"), role("admin")] }, { allOf: [role("reviewer"), role("manager")] }, true],
  [{ after: "30m", to: role("manager") }, role("manager"), true],
  [role("manager"), { after: "30m", to: role("manager") }, false],
  [{ after: "1h", to: role("admin") }, { after: "60m", to: role("manager") }, true],
  [{ after: "1m", to: role("admin") }, { after: "60m", to: role("manager") }, false],
])("%j within %j: %s", (asked, given, expected) => {
  expect(isNarrowerRoute(asked, given, groups)).toBe(expected);
});
