import type { PolicyFinding } from "@holdpoint/protocol";
import { describe, expect, test } from "vitest";
import { checkPolicy, type CheckOptions } from "./check-policy.ts";
import type { ToolFacts } from "./compile-policy.ts";

const tools: ToolFacts[] = [
  {
    name: "delete_records",
    reversibility: "irreversible",
    argumentsSchema: {
      type: "object",
      properties: {
        table_name: { type: "string" },
        count: { type: "integer" },
        lines: { type: "array", items: { type: "object", properties: { price: { type: "number" } } } },
      },
      additionalProperties: false,
    },
  },
  { name: "draft", reversibility: "reversible" },
  { name: "notify", reversibility: "partially_reversible" },
];

const check = (policy: unknown, options: Partial<CheckOptions> = {}): PolicyFinding[] =>
  checkPolicy(policy, { tools, agents: ["data_manager"], ...options });
const rule = (more: object): object => ({ rules: [{ id: "r", tools: ["draft"], ...more }] });
const namesOf = (findings: PolicyFinding[]): string[] =>
  findings.map(({ severity, code, path }) => `${severity} ${code} ${path}`);

test("a policy without mistakes has no findings", () => {
  expect(
    check(
      {
        rules: [
          {
            id: "many",
            tools: ["delete_records"],
            when: "arguments.count > 50",
            effect: { tier: "escalation" },
          },
          { id: "few", tools: ["delete_records"], effect: { tier: "sync_gate", route: { group: "ops" } } },
          { id: "person", preset: "personal_data" },
        ],
        groups: { ops: ["ann@example.com", "bob@example.com"] },
      },
      { members: ["Ann@example.com", "bob@example.com"] },
    ),
  ).toEqual([]);
  expect(check({})).toEqual([]);
});

test.each<[object, string, string]>([
  [{ tier: "escalaton" }, "rules[0].effect.tier", 'There is no "escalaton" here. Did you mean "escalation"?'],
  [{ route: { role: "boss" } }, "rules[0].effect.route.role", 'There is no "boss" here.'],
  [
    { route: { allOf: [{ role: "manger" }] } },
    "rules[0].effect.route.allOf[0].role",
    'There is no "manger" here. Did you mean "manager"?',
  ],
  [{ route: { rol: "x" } }, "rules[0].effect.route", "It has none of the shapes that a route may have."],
  [{ route: "manager" }, "rules[0].effect.route", "It has none of the shapes that a route may have."],
  [{ route: { after: "5m" } }, "rules[0].effect.route.to", "It is missing."],
])("what the form has wrong is said in plain words: %j", (effect, path, message) => {
  const [finding] = check(rule({ effect }));
  expect(finding).toMatchObject({ path, message });
  expect(finding?.remedy).toMatch(/^(Write|Add) /);
});

/** Each mistake, alone, in a policy that is right otherwise: the first finding, its place. */
test.each<[string, unknown, string]>([
  ["no object", [], "error form "],
  ["an unknown member", { rulez: [] }, "error unknown_member "],
  ["a form", { rules: [{ id: "R!" }] }, "error form rules[0].id"],
  ["an unknown preset", rule({ preset: "x" }), "error form rules[0].preset"],
  [
    "a misspelt tool",
    { rules: [{ id: "r", tools: ["delete_record_s"] }] },
    "error unknown_tool rules[0].tools[0]",
  ],
  [
    "a tool elsewhere",
    { rules: [{ id: "r", tools: ["wire_money"] }] },
    "warning unknown_tool rules[0].tools[0]",
  ],
  ["a misspelt agent", rule({ agents: ["data_manger"] }), "error unknown_agent rules[0].agents[0]"],
  ["an agent elsewhere", rule({ agents: ["clerk"] }), "warning unknown_agent rules[0].agents[0]"],
  [
    "two rules of one id",
    {
      rules: [
        { id: "r", tools: ["draft"] },
        { id: "r", tools: ["notify"] },
      ],
    },
    "error duplicate_rule rules[1].id",
  ],
  [
    "an unreachable rule",
    {
      rules: [
        { id: "a", tools: ["draft", "notify"] },
        { id: "b", tools: ["draft"], when: "value > 1" },
      ],
    },
    "error unreachable_rule rules[1]",
  ],
  [
    "equal conditions",
    {
      rules: [
        { id: "a", when: "value>1" },
        { id: "b", tools: ["draft"], when: "value > 1" },
      ],
    },
    "error unreachable_rule rules[1]",
  ],
  ["a condition that cannot be read", rule({ when: "value >" }), "error condition rules[0].when"],
  ["an unknown variable", rule({ when: "valeu > 1" }), "error condition rules[0].when"],
  ["an unknown function", rule({ when: "fetch('x') == 1" }), "error condition rules[0].when"],
  ["an unknown member of action", rule({ when: "action.nme == 'x'" }), "error condition_type rules[0].when"],
  ["a condition of another type", rule({ when: "value + 1.0" }), "error condition_type rules[0].when"],
  [
    "a misspelt argument",
    { rules: [{ id: "r", tools: ["delete_records"], when: "arguments.cuont > 1" }] },
    "error condition_type rules[0].when",
  ],
  [
    "an argument of another type",
    { rules: [{ id: "r", tools: ["delete_records"], when: "arguments.table_name > 1" }] },
    "error condition_type rules[0].when",
  ],
  [
    "a pattern that is not linear",
    rule({ when: "action.name.matches('(a)\\\\1')" }),
    "error pattern rules[0].when",
  ],
  [
    "a pattern that is no text",
    rule({ when: "action.name.matches(agent.id)" }),
    "error pattern rules[0].when",
  ],
  [
    "a detector's pattern",
    { detectors: { personalData: { values: ["(?=a)"] } } },
    "error pattern detectors.personalData.values[0]",
  ],
  [
    "tier against level",
    rule({ effect: { tier: "automated", level: "mandatory_review" } }),
    "error contradicting_gate rules[0].effect",
  ],
  [
    "silence that approves what is irreversible",
    { rules: [{ id: "r", tools: ["delete_records"], effect: { onTimeout: "approve" } }] },
    "error silence_approves rules[0].effect.onTimeout",
  ],
  [
    "silence that approves anything",
    { rules: [{ id: "r", when: "value > 1", effect: { onTimeout: "approve" } }] },
    "error silence_approves rules[0].effect.onTimeout",
  ],
  [
    "a tier's silence",
    { tiers: { sync_gate: { onTimeout: "approve" } } },
    "error silence_approves tiers.sync_gate.onTimeout",
  ],
  [
    "a short time",
    rule({ effect: { timeoutSeconds: 59 } }),
    "warning short_timeout rules[0].effect.timeoutSeconds",
  ],
  [
    "a time shorter than its target",
    rule({ effect: { timeoutSeconds: 60, respondWithinSeconds: 61 } }),
    "error timeout_before_target rules[0].effect.respondWithinSeconds",
  ],
  [
    "a target longer than the tier's time",
    { tiers: { sync_gate: { respondWithinSeconds: 301 } } },
    "error timeout_before_target tiers.sync_gate.respondWithinSeconds",
  ],
  [
    "business hours that nobody said",
    rule({ effect: { businessHours: true } }),
    "error no_business_hours rules[0].effect.businessHours",
  ],
  [
    "everything gated",
    { rules: [{ id: "r", effect: { tier: "sync_gate" } }] },
    "warning everything_gated rules[0]",
  ],
  [
    "a public query gated",
    rule({ preset: "public_query", effect: { tier: "sync_gate" } }),
    "warning gated_needlessly rules[0].effect",
  ],
  [
    "routine gated",
    rule({ preset: "low_value_routine", effect: { level: "mandatory_review" } }),
    "warning gated_needlessly rules[0].effect",
  ],
  [
    "an unknown group",
    rule({ effect: { route: { group: "x" } } }),
    "error unknown_group rules[0].effect.route",
  ],
  [
    "an unknown rotation",
    rule({ effect: { route: { rotation: "x" } } }),
    "error unknown_rotation rules[0].effect.route",
  ],
  [
    "an unknown person",
    rule({ effect: { route: { user: "eve@example.com" } } }),
    "warning unknown_member rules[0].effect.route",
  ],
  [
    "an unknown member of a group",
    { groups: { g: ["eve@example.com"] } },
    "warning unknown_member groups.g[0]",
  ],
  [
    "a quorum larger than its group",
    {
      rules: [{ id: "r", tools: ["draft"], effect: { route: { group: "g" }, quorum: { required: 2 } } }],
      groups: { g: ["ann@example.com", "Ann@example.com"] },
    },
    "error quorum_too_large rules[0].effect.quorum",
  ],
  [
    "more parts than people",
    rule({ effect: { route: { allOf: [{ user: "ann@example.com" }, { user: "Ann@example.com" }] } } }),
    "error quorum_too_large rules[0].effect.route",
  ],
  [
    "an empty group",
    { rules: [{ id: "r", tools: ["draft"], effect: { route: { group: "g" } } }], groups: { g: [] } },
    "error quorum_too_large rules[0].effect.route",
  ],
  [
    "loosening what is irreversible",
    { rules: [{ id: "r", tools: ["delete_records"], effect: { tier: "automated" } }] },
    "warning loosened_irreversible rules[0].effect",
  ],
  [
    "grants on what is irreversible",
    { rules: [{ id: "r", tools: ["delete_records"], effect: { grants: "allowed" } }] },
    "warning granted_irreversible rules[0].effect.grants",
  ],
  [
    "a strength not offered",
    rule({ effect: { strength: "L3" } }),
    "error unsupported_strength rules[0].effect.strength",
  ],
])("%s", (_name, policy, expected) => {
  const findings = check(policy, { members: ["ann@example.com"] });
  expect(namesOf(findings)).toEqual([expected]);
  for (const { message, remedy } of findings) {
    expect(message).toMatch(/^[A-Z].*[.?]$/s);
    expect(remedy).toMatch(/^[A-Z].*\.$/s);
  }
});

describe("defect 4: a tool name misspelt in the policy", () => {
  test("is an error that names what was meant: the rule would never apply, and the gate be open", () => {
    expect(check({ rules: [{ id: "r", tools: ["delete_recrds"] }] })[0]).toEqual({
      severity: "error",
      code: "unknown_tool",
      path: "rules[0].tools[0]",
      message: 'There is no tool "delete_recrds". Did you mean "delete_records"?',
      remedy: expect.stringContaining("delete_records"),
    });
  });

  test("also where the name is one of the default map", () => {
    const misspelt = { rules: [{ id: "r", tools: ["delete_record"], effect: { tier: "escalation" } }] };
    expect(namesOf(check(misspelt))).toEqual(["error unknown_tool rules[0].tools[0]"]);
    const others = { tools: [{ name: "draft", reversibility: "reversible" as const }] };
    expect(check(misspelt, others)).toEqual([]);
  });

  test("strictly, any unknown name is an error", () => {
    const policy = { rules: [{ id: "r", tools: ["wire_money"] }] };
    expect(namesOf(check(policy, { isStrict: true }))).toContain("error unknown_tool rules[0].tools[0]");
  });
});

test("a policy with mistakes of every kind: each is found, errors first", () => {
  const findings = check({
    rules: [
      { id: "a", effect: { tier: "sync_gate", strength: "L3" } },
      { id: "a", tools: ["drafd"], when: "valeu > 1", effect: { timeoutSeconds: 5 } },
    ],
  });
  expect(namesOf(findings)).toEqual([
    "error duplicate_rule rules[1].id",
    "error unknown_tool rules[1].tools[0]",
    "error condition rules[1].when",
    "error unreachable_rule rules[1]",
    "error unsupported_strength rules[0].effect.strength",
    "warning everything_gated rules[0]",
    "warning short_timeout rules[1].effect.timeoutSeconds",
  ]);
});

test("a slip in the form hides no mistake in what is meant, and moves no place", () => {
  const findings = check({
    rulez: [],
    rules: [
      { id: "a", efect: {} },
      { id: "b", when: "value >" },
      { id: "b", preset: "x" },
      { id: "c", tools: ["delete_recrds"] },
    ],
  });
  expect(findings.map(({ path, code }) => `${path} ${code}`).toSorted()).toEqual([
    " unknown_member",
    "rules[0] unknown_member",
    "rules[1].when condition",
    "rules[2].preset form",
    "rules[3].tools[0] unknown_tool",
  ]);
});

test("where a section that others name has the wrong form, only the form is told", () => {
  const findings = check({ groups: [], rules: [{ id: "a", effect: { route: { group: "g" } } }] });
  expect(findings.map(({ path, code }) => `${path} ${code}`)).toEqual(["groups form"]);
});

test("a misspelt argument and variable come with what was meant", () => {
  const message = (when: string) =>
    check({ rules: [{ id: "r", tools: ["delete_records"], when }] })[0]?.message;
  expect(message("arguments.cuont > 1")).toContain('Did you mean "count"?');
  expect(message("valeu > 1")).toContain('Did you mean "value"?');
  expect(message("arguments.lines.exists(l, l.price >= 100)")).toBeUndefined();
  expect(message("arguments.count == 1.5 || has(arguments.table_name)")).toBeUndefined();
});

test("strictly, every rule that holds answers the design questions (R62), and short times are errors", () => {
  const strict = (policy: unknown) => namesOf(check(policy, { isStrict: true }));
  expect(strict(rule({ effect: { tier: "sync_gate" } }))).toEqual([
    "error unanswered_question rules[0].effect",
  ]);
  expect(strict(rule({ effect: { tier: "automated" } }))).toEqual([]);
  const answers = {
    route: { role: "reviewer" },
    respondWithinSeconds: 60,
    timeoutSeconds: 300,
    onTimeout: "reject",
  };
  expect(strict(rule({ effect: { tier: "sync_gate", ...answers } }))).toEqual([]);
  expect(strict({ ...rule({ effect: { tier: "sync_gate" } }), tiers: { sync_gate: answers } })).toEqual([]);
  expect(
    strict(rule({ effect: { tier: "sync_gate", ...answers, timeoutSeconds: 59, respondWithinSeconds: 5 } })),
  ).toEqual(["error short_timeout rules[0].effect.timeoutSeconds"]);
});

test("tools that nobody declared, and tools that are all held", () => {
  const undeclared = [{ name: "a" }, { name: "b", requiresConfirmation: true }, { name: "add_tag" }];
  expect(namesOf(checkPolicy({}, { tools: undeclared, agents: [] }))).toEqual(["warning undeclared_tool "]);
  const ruled = { rules: [{ id: "r", tools: ["a"], effect: { tier: "async_review" } }] };
  expect(namesOf(checkPolicy(ruled, { tools: undeclared, agents: [] }))).toEqual([]);
  const held = ["a", "b", "c"].map((name) => ({ name, reversibility: "irreversible" as const }));
  expect(namesOf(checkPolicy({}, { tools: held, agents: [] }))).toEqual(["warning everything_gated "]);
});

test("never throws", () => {
  for (const document of [
    null,
    undefined,
    1,
    "",
    { rules: 1 },
    { rules: [null] },
    { tiers: { sync_gate: 1 } },
  ])
    expect(check(document)[0]?.severity).toBe("error");
});
