import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { JsonObject } from "@holdpoint/protocol";
import {
  conditionCompiler,
  conditionFacts,
  grantCovers,
  isSameJson,
  pinnedCondition,
  type GrantTerms,
  type PolicyFacts,
} from "../src/index.ts";

const compile = conditionCompiler();
const NOW = "2026-06-01T12:00:00.000Z";
const EVALUATION = {
  mayGrant: true,
  route: { role: "reviewer" },
  quorum: { required: 1, refusals: 1 },
  strength: "L1",
} as const;
const TERMS: GrantTerms = {
  tool: "pay",
  condition: undefined,
  agentId: null,
  endUserId: null,
  expiresAt: "2026-06-01T12:00:01Z",
  usesLeft: null,
  budgetLeft: null,
  isRevoked: false,
  route: { role: "reviewer" },
  quorumRequired: 1,
  strength: "L1",
};

function factsWith(args: JsonObject, more: Partial<PolicyFacts> & { value?: number } = {}): PolicyFacts {
  const { value, ...facts } = more;
  return { action: { name: "pay", arguments: args, value }, now: NOW, ...facts };
}

function covers(
  terms: Partial<GrantTerms>,
  facts: PolicyFacts = factsWith({}),
  evaluation: Parameters<typeof grantCovers>[2] = EVALUATION,
): boolean {
  return grantCovers({ ...TERMS, ...terms }, facts, evaluation, () =>
    conditionFacts(facts, { reversibility: "reversible", impact: "low" }, undefined),
  );
}

const text = fc.string({ unit: "grapheme", maxLength: 12 });
const scalar = fc.oneof(
  text,
  fc.integer(),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.boolean(),
  fc.constant(null),
);
const value = fc.oneof(
  scalar,
  fc.array(scalar, { maxLength: 3 }),
  fc.dictionary(text.filter(isName), scalar, { maxKeys: 3 }),
);
const args = fc.dictionary(text.filter(isName), value, { maxKeys: 4 }) as fc.Arbitrary<JsonObject>;

function isName(name: string): boolean {
  return name !== "__proto__";
}

/** As it is once stored: -0 is no number of JSON. */
function stored(given: JsonObject): JsonObject {
  return JSON.parse(JSON.stringify(given)) as JsonObject;
}

describe("the condition that pins arguments", () => {
  test("covers those arguments", () => {
    fc.assert(
      fc.property(args, (given) => {
        const shown = stored(given);
        const condition = compile(pinnedCondition(shown) ?? "false");
        expect(covers({ condition }, factsWith(shown))).toBe(true);
      }),
    );
  });

  test("covers no others: none changed, none added, none left out", () => {
    fc.assert(
      fc.property(args, args, (given, other) => {
        const [shown, proposed] = [stored(given), stored(other)];
        fc.pre(!isSameJson(shown, proposed));
        const condition = compile(pinnedCondition(shown) ?? "false");
        expect(covers({ condition }, factsWith(proposed))).toBe(false);
        const added = { ...shown, added_later: true };
        expect(covers({ condition }, factsWith(added))).toBe(false);
        for (const name of Object.keys(shown)) {
          const { [name]: _left, ...fewer } = shown;
          expect(covers({ condition }, factsWith(fewer))).toBe(false);
        }
      }),
    );
  });

  test("reads as a person would write it, and is not made where it would be too long", () => {
    expect(pinnedCondition({ table_name: "users" })).toBe(
      'arguments.table_name == "users" && size(arguments) == 1',
    );
    expect(pinnedCondition({ "a-b": [1, { in: null }] })).toBe(
      'arguments["a-b"][0] == 1 && arguments["a-b"][1]["in"] == null && size(arguments["a-b"][1]) == 1 && ' +
        'size(arguments["a-b"]) == 2 && size(arguments) == 1',
    );
    expect(pinnedCondition({ text: "x".repeat(2_000) })).toBeUndefined();
  });
});

describe("a grant", () => {
  test("covers nothing once it is over, revoked or used up, whatever else is so", () => {
    const over: Partial<GrantTerms>[] = [
      { isRevoked: true },
      { expiresAt: NOW },
      { expiresAt: "2026-06-01T11:59:59.999999Z" },
      { usesLeft: 0 },
      { budgetLeft: 0 },
    ];
    for (const terms of over) expect(covers(terms, factsWith({}, { value: 1 }))).toBe(false);
    expect(covers({ usesLeft: 1, budgetLeft: 1 }, factsWith({}, { value: 1 }))).toBe(true);
  });

  test("with a budget covers exactly the values from 0 to what is left", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 1_000 }),
        fc.option(fc.integer({ min: -1_000, max: 2_000 })),
        (budgetLeft, given) => {
          const isIn = given !== null && given >= 0 && given <= budgetLeft;
          expect(covers({ budgetLeft }, factsWith({}, given === null ? {} : { value: given }))).toBe(isIn);
        },
      ),
    );
  });

  test("is for its tool, agent and end user", () => {
    const facts = factsWith({}, { agentId: "a", endUserId: "u" });
    expect(covers({ tool: "other" }, facts)).toBe(false);
    expect(covers({ agentId: "a", endUserId: "u" }, facts)).toBe(true);
    expect(covers({ agentId: "b" }, facts)).toBe(false);
    expect(covers({ endUserId: "v" }, facts)).toBe(false);
    expect(covers({ agentId: "a" }, factsWith({}))).toBe(false);
  });

  test("covers nothing that asks for more than it continues", () => {
    const asking = (more: object) => covers({}, factsWith({}), { ...EVALUATION, ...more });
    expect(asking({})).toBe(true);
    expect(asking({ mayGrant: false })).toBe(false);
    expect(asking({ route: { role: "manager" } })).toBe(false);
    expect(asking({ quorum: { required: 2, refusals: 1 } })).toBe(false);
    expect(asking({ strength: "L2" })).toBe(false);
    expect(
      covers({ route: { role: "admin" } }, factsWith({}), { ...EVALUATION, route: { role: "manager" } }),
    ).toBe(true);
  });

  test("covers nothing that its condition cannot be said of (I10), nor what the asker wants a person to see", () => {
    expect(covers({ condition: compile("arguments.missing == 1") })).toBe(false);
    expect(covers({ condition: compile("arguments.n") }, factsWith({ n: 1 }))).toBe(false);
    expect(covers({}, factsWith({}, { asked: { tier: "sync_gate" } }))).toBe(false);
    expect(covers({}, factsWith({}, { asked: { route: { role: "reviewer" } } }))).toBe(false);
  });
});
