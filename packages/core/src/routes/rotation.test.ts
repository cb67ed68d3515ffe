import { rotationSchema } from "@holdpoint/protocol";
import { describe, expect, test } from "vitest";
import { onCall, personAt } from "./rotation.ts";

const berlin = rotationSchema.parse({
  people: ["ada", "rob", "mia"],
  timeZone: "Europe/Berlin",
  startsOn: "2026-03-02", // a Monday
});

test.each([
  ["2026-03-02T07:59:59.999999Z", null], // before the first handover
  ["2026-03-02T08:00:00Z", "ada"], // 09:00 in winter is 08:00 UTC
  ["2026-03-09T07:59:59Z", "ada"],
  ["2026-03-09T08:00:00+00:00", "rob"],
  ["2026-03-16T08:00:00Z", "mia"],
  ["2026-03-23T08:00:00Z", "ada"],
])("at %s %s is on call", (at, person) => expect(personAt(berlin, at)).toBe(person));

describe("over a change of the clocks the handover stays at nine in the morning", () => {
  test("spring: a turn that is an hour shorter", () => {
    // Turn of mia's neighbour: Monday 23 March 08:00 UTC to Monday 30 March 07:00 UTC.
    expect(personAt(berlin, "2026-03-30T06:59:59.999Z")).toBe("ada");
    expect(personAt(berlin, "2026-03-30T07:00:00Z")).toBe("rob");
    expect(onCall(berlin, "2026-03-25T12:00:00Z")).toEqual({
      person: "ada",
      until: "2026-03-30T07:00:00Z",
      next: "rob",
    });
  });

  test("autumn: a turn that is an hour longer", () => {
    // 2026-10-25: back to winter time. The turn of Monday 19 October begins at 07:00 UTC, that of the 26th at 08:00 UTC.
    const before = personAt(berlin, "2026-10-26T07:59:59Z");
    const after = personAt(berlin, "2026-10-26T08:00:00Z");
    expect(personAt(berlin, "2026-10-19T07:00:00Z")).toBe(before);
    expect(personAt(berlin, "2026-10-19T06:59:59Z")).not.toBe(before);
    expect(after).not.toBe(before);
  });

  test("a handover in the hour that the clocks skip comes once, and one in the hour that comes twice too", () => {
    const night = rotationSchema.parse({
      ...berlin,
      handoverAt: "02:30",
      turnDays: 1,
      startsOn: "2026-03-28",
    });
    expect(personAt(night, "2026-03-29T01:29:59Z")).toBe("ada");
    expect(personAt(night, "2026-03-29T01:30:00Z")).toBe("rob"); // 03:30 summer time
    const autumn = rotationSchema.parse({ ...night, startsOn: "2026-10-24" });
    expect(personAt(autumn, "2026-10-25T00:29:59Z")).toBe("ada");
    expect(personAt(autumn, "2026-10-25T00:30:00Z")).toBe("rob");
    expect(personAt(autumn, "2026-10-25T01:30:00Z")).toBe("rob"); // the second 02:30 hands nothing over
  });
});

test("an override beats the turn from its first to before its last instant; the last of two wins", () => {
  const overridden = {
    ...berlin,
    overrides: [
      { person: "mia", from: "2026-03-03T00:00:00+01:00", to: "2026-03-05T00:00:00+01:00" },
      { person: "zoe", from: "2026-03-04T00:00:00+01:00", to: "2026-03-04T12:00:00+01:00" },
    ],
  };
  expect(personAt(overridden, "2026-03-02T22:59:59Z")).toBe("ada");
  expect(onCall(overridden, "2026-03-02T23:00:00Z")).toEqual({
    person: "mia",
    until: "2026-03-03T23:00:00Z",
    next: "zoe",
  });
  expect(personAt(overridden, "2026-03-04T11:00:00Z")).toBe("mia");
  expect(personAt(overridden, "2026-03-04T23:00:00Z")).toBe("ada");
});

test("one person alone is on call for ever", () =>
  expect(onCall({ ...berlin, people: ["ada"] }, "2030-01-01T00:00:00Z")).toEqual({
    person: "ada",
    until: null,
    next: null,
  }));

test("turns of many days, a hundred people, years later", () => {
  const people = Array.from({ length: 100 }, (_, index) => `p${index}`);
  const rotation = { ...berlin, people, turnDays: 3 };
  // 2026-03-02 plus 3 * 1000 days is 2034-05-19; turn 1000 is p0's.
  expect(personAt(rotation, "2034-05-19T07:00:00Z")).toBe("p0");
  expect(personAt(rotation, "2034-05-19T06:59:00Z")).toBe("p99");
});
