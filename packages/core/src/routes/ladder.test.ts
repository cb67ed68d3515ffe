import type { Route } from "@holdpoint/protocol";
import { describe, expect, test } from "vitest";
import { isWider, nextStepOf, stepsOf, withLadderEnd, type Waiting } from "./ladder.ts";

const route: Route = {
  anyOf: [
    { role: "reviewer" },
    { after: "30m", to: { group: "leads" } },
    { after: "2h", to: { role: "admin" } },
  ],
};
const ladder = { route: { role: "manager" } as Route, timeoutSeconds: 1_800, askAfterSeconds: 3_600 };
const waiting: Waiting = {
  route,
  ladder,
  remindEverySeconds: null,
  createdAt: "2026-08-01T12:00:00Z",
  expiresAt: "2026-08-01T16:00:00Z",
};

test("the steps in order: parts that wait for their time, and the ladder's end at the response target", () =>
  expect(stepsOf(route, ladder)).toEqual([
    { afterSeconds: 1_800, route: { group: "leads" } },
    { afterSeconds: 3_600, route: { role: "manager" } },
    { afterSeconds: 7_200, route: { role: "admin" } },
  ]));

test("an inner time counts from the creation, and is never before the outer", () =>
  expect(
    stepsOf(
      { after: "2h", to: { anyOf: [{ role: "admin" }, { after: "1h", to: { user: "mem_1" } }] } },
      null,
    ).map(({ afterSeconds }) => afterSeconds),
  ).toEqual([7_200, 7_200]));

describe("what comes next", () => {
  test.each([
    ["2026-08-01T12:00:00Z", "2026-08-01T12:30:00.000Z", "one of leads"],
    ["2026-08-01T12:30:00Z", "2026-08-01T13:00:00.000Z", "a manager"],
    ["2026-08-01T13:59:59.999999Z", "2026-08-01T14:00:00.000Z", "an admin"],
  ])("after %s: at %s %s", (now, at, who) =>
    expect(nextStepOf(waiting, now)).toEqual({ at, type: "asked", who }),
  );

  test("nothing, once all are asked; nor at or after the deadline", () => {
    expect(nextStepOf(waiting, "2026-08-01T14:00:00Z")).toBeNull();
    expect(nextStepOf({ ...waiting, expiresAt: "2026-08-01T12:30:00Z" }, waiting.createdAt)).toBeNull();
    expect(nextStepOf({ ...waiting, expiresAt: null }, waiting.createdAt)).not.toBeNull();
  });

  test("reminders in between, every n seconds from the creation on", () => {
    const reminded = { ...waiting, remindEverySeconds: 1_200 };
    const steps = [];
    let now = waiting.createdAt;
    for (
      let next = nextStepOf(reminded, now);
      next !== null && steps.length < 6;
      next = nextStepOf(reminded, now)
    ) {
      steps.push([next.at.slice(11, 16), next.type]);
      now = next.at;
    }
    expect(steps).toEqual([
      ["12:20", "reminder"],
      ["12:30", "asked"],
      ["12:40", "reminder"],
      ["13:00", "asked"], // at the same moment one of both is enough
      ["13:20", "reminder"],
      ["13:40", "reminder"],
    ]);
  });
});

describe("the ladder's end", () => {
  test("is wider unless all its people could decide before", () => {
    expect(isWider({ role: "manager" }, { role: "reviewer" })).toBe(false);
    expect(isWider({ role: "admin" }, { role: "manager" })).toBe(false);
    expect(isWider({ role: "manager" }, { role: "admin" })).toBe(true);
    expect(isWider({ role: "manager" }, { role: "operator" })).toBe(true);
    expect(isWider({ group: "a" }, { group: "a" })).toBe(false);
    expect(isWider({ group: "a" }, { role: "reviewer" })).toBe(true);
  });

  test("takes as many people as the route", () =>
    expect(withLadderEnd({ allOf: [{ user: "a" }, { user: "b" }] }, { role: "manager" })).toEqual({
      anyOf: [
        { allOf: [{ user: "a" }, { user: "b" }] },
        { allOf: [{ role: "manager" }, { role: "manager" }] },
      ],
    }));
});
