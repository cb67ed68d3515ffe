import { describe, expect, test } from "vitest";
import { findDefaultAction, gateLevelFor, gateLevelOf } from "./gate-level.ts";

describe("gateLevelFor (R52 to R58)", () => {
  test.each([
    ["create_draft", undefined, "auto_proceed"],
    ["add_tag", 1_000_000, "auto_proceed"],
    ["modify_config", undefined, "auto_proceed"],
    ["send_notification", undefined, "auto_proceed"], // a missing value is 0
    ["charge_card", 99.99, "auto_proceed"],
    ["charge_card", 100, "auto_proceed"], // more than 100, not from 100
    ["charge_card", 100.01, "review_if_high_value"],
    ["charge_card", -500, "auto_proceed"],
    ["delete_record", 0, "mandatory_review"],
    ["send_email", undefined, "mandatory_review"], // in two classes: the stricter
    ["publish_publicly", undefined, "mandatory_review"],
    ["provision_infrastructure", undefined, "mandatory_review"],
    ["never_heard_of", undefined, "mandatory_review"], // R55
    ["toString", undefined, "mandatory_review"],
    ["__proto__", undefined, "mandatory_review"],
  ] as const)("%s at %s: %s", (name, value, level) => expect(gateLevelFor(name, value)).toBe(level));
});

test("what is not a number is high, never low (I10)", () => {
  expect(gateLevelOf("partially_reversible", NaN)).toBe("review_if_high_value");
  expect(gateLevelOf("partially_reversible", Infinity)).toBe("review_if_high_value");
  expect(gateLevelOf("partially_reversible", null)).toBe("auto_proceed");
});

test("the required-approval map (R46)", () => {
  for (const name of ["delete_record", "send_email", "publish_content", "modify_config"]) {
    expect(findDefaultAction(name)).toMatchObject({ isGated: true });
  }
});
