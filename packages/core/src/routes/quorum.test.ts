import type { Route } from "@holdpoint/protocol";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Directory, Person } from "./eligibility.ts";
import { countVotes, type Ballot, type Count, type Tally } from "./quorum.ts";

const AT = "2026-08-01T12:00:00Z";
const directory: Directory = { groups: { legal: ["Leo@Example.com", "mem_mia"] }, rotations: {} };

function person(name: string, role = "reviewer", standsInFor: Person[] = []): Person {
  const id = `mem_${name}`;
  const mandates = standsInFor.map((other) => ({ ...other, delegationId: `dlg_${other.memberId}` }));
  return { memberId: id, email: `${name}@example.com`, role, standsInFor: mandates };
}
const [ada, rob, mia, leo] = [person("ada", "admin"), person("rob"), person("mia", "manager"), person("leo")];

const yes = (who: Person, bytes = "a"): Ballot => ({ person: who, bytes, at: AT });
const no = (who: Person): Ballot => ({ person: who, bytes: null, at: AT });

function count(route: Route, ballots: Ballot[], more: Partial<Count> = {}): Tally {
  return countVotes({
    route,
    quorum: { required: 1, refusals: 1 },
    createdAt: "2026-08-01T11:00:00Z",
    ballots,
    directory,
    isOut: () => false,
    ...more,
  });
}

const two = { quorum: { required: 2, refusals: 2 } };
const anyone: Route = { role: "reviewer" };

describe("m of n", () => {
  test("different people, for the same bytes", () => {
    expect(count(anyone, [yes(ada)], two)).toMatchObject({ result: "open", yes: 1 });
    expect(count(anyone, [yes(ada), yes(rob)], two)).toMatchObject({ result: "released", yes: 2 });
    expect(count(anyone, [yes(ada, "a"), yes(rob, "b")], two)).toMatchObject({ result: "open", yes: 1 });
    expect(
      count(anyone, [yes(ada, "a"), yes(rob, "b"), yes(mia, "a")], two).witnesses.map(({ by }) => by),
    ).toEqual(["mem_ada", "mem_mia"]);
  });

  test("defect 27: one human is one vote, whatever name, key or session it came under", () => {
    expect(count(anyone, [yes(ada), yes(ada)], two)).toMatchObject({ result: "open", yes: 1 });
    const twice: Route = { allOf: [{ user: "Ada@Example.COM" }, { user: "mem_ada" }] };
    expect(count(twice, [yes(ada), yes(ada)], two).result).toBe("open");
    expect(count({ user: " ADA@example.com " }, [yes(ada)]).result).toBe("released");
  });

  test("a later vote takes the place of the earlier", () => {
    expect(count(anyone, [yes(ada), no(ada)], two)).toMatchObject({ result: "open", yes: 0, noes: 1 });
    expect(count(anyone, [yes(ada), no(ada), yes(rob)], two)).toMatchObject({ yes: 1, noes: 1 });
    expect(count(anyone, [no(ada), yes(ada), yes(rob)], two)).toMatchObject({ result: "released" });
  });

  test("the limit of refusals is its own", () => {
    const quorum = { required: 3, refusals: 2 };
    expect(count(anyone, [no(ada)], { quorum })).toMatchObject({ result: "open", noes: 1 });
    expect(count(anyone, [no(ada), no(rob)], { quorum })).toMatchObject({ result: "refused", noes: 2 });
    expect(count(anyone, [no(ada), no(ada)], { quorum })).toMatchObject({ result: "open", noes: 1 });
  });

  test("who is gone, or lost the right, counts no more", () => {
    const gone = { ...yes(ada), person: null };
    expect(count(anyone, [gone, yes(rob)], two)).toMatchObject({ result: "open", yes: 1 });
    expect(count(anyone, [yes({ ...ada, role: "viewer" }), yes(rob)], two)).toMatchObject({ yes: 1 });
  });
});

describe("allOf", () => {
  const managerAndLegal: Route = { allOf: [{ role: "manager" }, { group: "legal" }] };

  test("every part needs a person of its own", () => {
    expect(count(managerAndLegal, [yes(mia)]).result).toBe("open"); // both parts, one human
    expect(count(managerAndLegal, [yes(mia), yes(leo)]).result).toBe("released");
    expect(count(managerAndLegal, [yes(ada), yes(mia)]).result).toBe("released");
    expect(count(managerAndLegal, [yes(ada), yes(rob)])).toMatchObject({ result: "open", yes: 1 });
  });

  test("people are moved from part to part until all fit", () => {
    const route: Route = { allOf: [{ role: "reviewer" }, { role: "manager" }, { user: "mem_mia" }] };
    for (const order of [
      [mia, ada, rob],
      [rob, ada, mia],
      [ada, mia, rob],
    ]) {
      expect(
        count(
          route,
          order.map((who) => yes(who)),
        ).witnesses.map(({ by, leaf }) => [by, leaf]),
      ).toHaveLength(3);
    }
    expect(count(route, [yes(mia), yes(rob), yes(leo)]).result).toBe("open");
  });

  test("inside anyOf it is one way of several", () => {
    const route: Route = { anyOf: [{ role: "admin" }, { allOf: [anyone, anyone] }] };
    expect(count(route, [yes(rob)]).result).toBe("open");
    expect(count(route, [yes(ada)]).result).toBe("released");
    expect(count(route, [yes(rob), yes(leo)]).result).toBe("released");
  });
});

describe("standing in", () => {
  const deputy = person("rob", "reviewer", [mia]);
  const managers: Route = { role: "manager" };

  test("counts with the other's right, and says so", () => {
    expect(count(managers, [yes(rob)]).result).toBe("open");
    expect(count(managers, [yes(deputy)]).witnesses).toEqual([
      { by: "mem_rob", memberId: "mem_mia", leaf: managers, delegationId: "dlg_mem_mia" },
    ]);
  });

  test("one right is one vote: not beside the one who gave it, nor for two deputies", () => {
    expect(count(managers, [yes(mia), yes(deputy)], two)).toMatchObject({ result: "open", yes: 1 });
    const second = person("leo", "reviewer", [mia]);
    expect(count(managers, [yes(deputy), yes(second)], two)).toMatchObject({ result: "open", yes: 1 });
    expect(count(managers, [yes(deputy), yes(ada)], two).result).toBe("released");
  });

  test("for a requester who may not decide: nobody does", () => {
    expect(count(managers, [yes(deputy)], { isOut: (id) => id === "mem_mia" }).result).toBe("open");
  });

  test("a manager who stands in for legal fills either part", () => {
    const route: Route = { allOf: [{ role: "manager" }, { user: "mem_leo" }] };
    const both = person("mia", "manager", [leo]);
    expect(count(route, [yes(both)]).result).toBe("open");
    expect(count(route, [yes(both), yes(ada)]).result).toBe("released");
  });
});

test("{after, to} lets its part in at its very instant, counted from the creation", () => {
  const route: Route = { anyOf: [{ user: "mem_leo" }, { after: "1h", to: { role: "manager" } }] };
  expect(count(route, [{ ...yes(mia), at: "2026-08-01T11:59:59.999999Z" }]).result).toBe("open");
  expect(count(route, [{ ...yes(mia), at: AT }]).result).toBe("released");
});

const names = ["a", "b", "c", "d", "e"];
const anyPerson = fc
  .constantFrom(...names)
  .chain((name) =>
    fc.constantFrom("viewer", "reviewer", "manager", "admin").map((role) => person(name, role)),
  );
const anyLeaf: fc.Arbitrary<Route> = fc.oneof(
  fc.constantFrom("reviewer", "manager", "admin").map((role) => ({ role })),
  fc.constantFrom(...names).map((name) => ({ user: `mem_${name}` })),
);
const anyRoute: fc.Arbitrary<Route> = fc.letrec<{ route: Route }>((tie) => ({
  route: fc.oneof(
    { maxDepth: 2, withCrossShrink: true },
    anyLeaf,
    fc.array(tie("route"), { minLength: 1, maxLength: 3 }).map((allOf) => ({ allOf })),
    fc.array(tie("route"), { minLength: 1, maxLength: 3 }).map((anyOf) => ({ anyOf })),
  ),
})).route;
const anyBallots = fc.array(
  fc
    .tuple(anyPerson, fc.constantFrom("x", "y", null))
    .map(([who, bytes]) => ({ person: who, bytes, at: AT })),
  { maxLength: 8 },
);

test("a release has its required number of different people, all seats filled, all for the last bytes", () => {
  fc.assert(
    fc.property(anyRoute, anyBallots, fc.integer({ min: 1, max: 3 }), (route, ballots, required) => {
      const {
        result,
        witnesses,
        yes: counted,
      } = count(route, ballots, { quorum: { required, refusals: 9 } });
      if (result !== "released") return;
      expect(new Set(witnesses.map(({ by }) => by)).size).toBe(witnesses.length);
      expect(witnesses.length).toBeGreaterThanOrEqual(required);
      expect(counted).toBeGreaterThanOrEqual(witnesses.length);
      expect(
        satisfies(
          route,
          witnesses.map(({ by }) => by),
          ballots,
        ),
      ).toBe(true);
    }),
    { numRuns: 2_000 },
  );
});

/** Tried by hand in another way: some assignment of different people to the parts. */
function satisfies(route: Route, people: string[], ballots: readonly Ballot[]): boolean {
  const latest = new Map(ballots.map((ballot) => [ballot.person?.memberId, ballot.person]));
  const rest = (left: string[], parts: Route[]): boolean => {
    const [part, ...others] = parts;
    if (part === undefined) return true;
    if ("allOf" in part) return rest(left, [...part.allOf, ...others]);
    if ("anyOf" in part) return part.anyOf.some((one) => rest(left, [one, ...others]));
    return left.some((id) => {
      const who = latest.get(id);
      const isMeant =
        "role" in part ? count(part, [yes(who ?? ada)]).yes === 1 : "user" in part && part.user === id;
      return (
        isMeant &&
        rest(
          left.filter((other) => other !== id),
          others,
        )
      );
    });
  };
  return rest(people, [route]);
}
