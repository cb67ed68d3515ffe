import { z } from "zod";
import { appIdSchema, instantSchema, textSchema } from "./instant.ts";
import {
  GATE_LEVELS,
  IMPACTS,
  ON_TIMEOUT,
  REVERSIBILITIES,
  SEPARATIONS,
  STRENGTHS,
  TIERS,
} from "./legality.ts";
import { jsonObjectSchema } from "./json-schema.ts";
import { personSchema, routeSchema } from "./route-schema.ts";

/** Rules that everybody needs, by name (R104 to R106). `condition` and effects are in @holdpoint/core, policies/presets. */
export const PRESETS = [
  "high_value_transaction",
  "personal_data",
  "irreversible_action",
  "regulatory",
  "first_time_service",
  "low_confidence",
  "public_query",
  "low_value_routine",
] as const;
export type Preset = (typeof PRESETS)[number];

const ruleIdSchema = z
  .string()
  .regex(/^[a-z][a-z0-9_-]{0,63}$/, "must be lower-case letters, digits, - and _, beginning with a letter");

/** CEL over `action, arguments, agent, endUser, run, value, confidence, firstTime, now`. */
export const conditionSchema = textSchema(2_000, 1).describe(
  "A CEL expression over `action`, `arguments`, `agent`, `endUser`, `run`, `value`, `confidence`, `firstTime` and `now` that gives true or false.",
);

export const quorumSchema = z.strictObject({
  required: z
    .int()
    .min(1)
    .max(20)
    .default(1)
    .describe("How many different people must say yes to the same bytes."),
  refusals: z.int().min(1).max(20).default(1).describe("How many noes end it."),
});
export type Quorum = z.infer<typeof quorumSchema>;

const secondsSchema = z.int().min(1).max(31_536_000);

/** What a rule does to an action that it matches; what it leaves out is decided by level and tier. */
export const effectSchema = z.strictObject({
  level: z.enum(GATE_LEVELS).optional(),
  tier: z.enum(TIERS).optional(),
  route: routeSchema.optional(),
  quorum: quorumSchema.optional(),
  separation: z.enum(SEPARATIONS).optional(),
  strength: z.enum(STRENGTHS).optional().describe("The least strength of a decision."),
  respondWithinSeconds: secondsSchema.optional(),
  timeoutSeconds: secondsSchema.optional(),
  onTimeout: z.enum(ON_TIMEOUT).optional(),
  remindEverySeconds: z.int().min(60).max(31_536_000).optional(),
  businessHours: z.boolean().optional().describe("Times count in the policy's business hours only."),
  channels: z.array(textSchema(100, 1)).max(20).optional(),
  sample: z
    .number()
    .min(0)
    .max(1)
    .optional()
    .describe("The share of what proceeds by itself that people review afterwards."),
  grants: z
    .enum(["allowed", "never"])
    .optional()
    .describe("Whether a decision may be made a standing grant."),
  overridesDeclaration: z
    .boolean()
    .optional()
    .describe("Lets the rule loosen what the tool's own `requiresConfirmation` demands."),
});
export type Effect = z.infer<typeof effectSchema>;

/** One rule. The first that matches decides; the rest are not looked at. */
export const ruleSchema = z.strictObject({
  id: ruleIdSchema,
  description: textSchema(500, 1).optional().describe("Shown to the reviewer as the reason."),
  preset: z
    .enum(PRESETS)
    .optional()
    .describe("Brings condition and effects; `when` is added to it, `effect` wins over it."),
  tools: z.array(textSchema(200, 1)).min(1).max(500).optional(),
  agents: z.array(appIdSchema).min(1).max(500).optional(),
  when: conditionSchema.optional(),
  effect: effectSchema.default({}),
});
export type Rule = z.infer<typeof ruleSchema>;

const timeZoneSchema = textSchema(100, 1).refine(isTimeZone, "must be a time zone such as Europe/Berlin");

/** Who is on call: `people` take turns, a week each, from `startsAt` on; an override beats the turn. */
export const rotationSchema = z.strictObject({
  people: z.array(personSchema).min(1).max(100),
  timeZone: timeZoneSchema,
  startsOn: z.iso.date().describe("The day on which the first person's first turn begins."),
  handoverAt: z
    .string()
    .regex(/^([01][0-9]|2[0-3]):[0-5][0-9]$/)
    .default("09:00")
    .describe("Local time of the handover."),
  turnDays: z.int().min(1).max(366).default(7),
  overrides: z
    .array(
      z.strictObject({
        person: personSchema,
        from: z.iso.datetime({ offset: true }),
        to: z.iso.datetime({ offset: true }),
      }),
    )
    .max(200)
    .default([]),
});
export type Rotation = z.infer<typeof rotationSchema>;

export const WEEKDAYS = [
  "monday",
  "tuesday",
  "wednesday",
  "thursday",
  "friday",
  "saturday",
  "sunday",
] as const;

export const businessHoursSchema = z.strictObject({
  timeZone: timeZoneSchema,
  days: z
    .array(z.enum(WEEKDAYS))
    .min(1)
    .max(7)
    .default(["monday", "tuesday", "wednesday", "thursday", "friday"]),
  from: z
    .string()
    .regex(/^([01][0-9]|2[0-3]):[0-5][0-9]$/)
    .default("09:00"),
  to: z
    .string()
    .regex(/^([01][0-9]|2[0-3]):[0-5][0-9]$|^24:00$/)
    .default("17:00"),
  holidays: z.array(z.iso.date()).max(400).default([]),
});
export type BusinessHours = z.infer<typeof businessHoursSchema>;

/** What a tier means here; what is left out keeps its default. */
export const tierSettingsSchema = effectSchema.pick({
  route: true,
  quorum: true,
  strength: true,
  respondWithinSeconds: true,
  timeoutSeconds: true,
  onTimeout: true,
  remindEverySeconds: true,
  businessHours: true,
  channels: true,
});

/** The policy of an organisation: data, versioned, every version kept. */
export const policySchema = z.strictObject({
  rules: z.array(ruleSchema).max(2_000).default([]),
  tiers: z
    .strictObject({
      async_review: tierSettingsSchema.optional(),
      sync_gate: tierSettingsSchema.optional(),
      escalation: tierSettingsSchema.optional(),
    })
    .default({}),
  groups: z.record(textSchema(100, 1), z.array(personSchema).max(500)).default({}),
  rotations: z.record(textSchema(100, 1), rotationSchema).default({}),
  businessHours: businessHoursSchema.optional(),
  detectors: z
    .strictObject({
      personalData: z
        .strictObject({
          arguments: z
            .array(textSchema(200, 1))
            .max(200)
            .optional()
            .describe("Names of arguments, `*` stands for anything."),
          values: z
            .array(textSchema(500, 1))
            .max(50)
            .optional()
            .describe("Patterns of values, linear-time regular expressions."),
        })
        .optional(),
    })
    .default({}),
});
export type Policy = z.infer<typeof policySchema>;
export type PolicyInput = z.input<typeof policySchema>;

export const FINDING_SEVERITIES = ["error", "warning"] as const;

/** Something wrong with a policy: where, what, and what to do. */
export const policyFindingSchema = z.object({
  severity: z.enum(FINDING_SEVERITIES),
  code: z.string(),
  /** As in `rules[3].when`; empty for the whole. */
  path: z.string(),
  message: z.string(),
  remedy: z.string(),
});
export type PolicyFinding = z.infer<typeof policyFindingSchema>;

/** A stored version of the policy, newest wins. */
export const policyVersionSchema = z.object({
  version: z.int(),
  document: jsonObjectSchema,
  source: z.enum(["none", "config", "api"]),
  comment: z.string().nullable(),
  createdAt: instantSchema.nullable(),
  createdBy: z.string().nullable(),
});
export type PolicyVersion = z.infer<typeof policyVersionSchema>;

/** The same without its document, as lists show it. */
export const policyVersionSummarySchema = policyVersionSchema.omit({ document: true });
export type PolicyVersionSummary = z.infer<typeof policyVersionSummarySchema>;

/** `GET /v1/policies`: what is in force, and what is to be said about it. */
export const policyInForceSchema = policyVersionSchema.extend({
  findings: z.array(policyFindingSchema),
  shadowVersion: z.int().nullable(),
});
export type PolicyInForce = z.infer<typeof policyInForceSchema>;

export const POLICY_MODES = ["enforce", "shadow"] as const;

/** Body of `PUT /v1/policies`. The document is checked apart, so that each mistake is told with place and remedy. */
export const putPolicySchema = z.strictObject({
  document: jsonObjectSchema,
  comment: textSchema(2_000, 1).optional(),
  expectedVersion: z
    .int()
    .min(0)
    .optional()
    .describe("The version in force that the change was made from; 409 when it is another by now."),
  mode: z
    .enum(POLICY_MODES)
    .default("enforce")
    .describe(
      "`shadow` runs it beside the version in force: it records what it would do, and holds nothing.",
    ),
});
export type PutPolicy = z.input<typeof putPolicySchema>;

/** Body of `POST /v1/policies/check`. */
export const checkPolicyInputSchema = z.strictObject({
  document: jsonObjectSchema,
  strict: z.boolean().default(false).describe("Defaults do not count as answers."),
});

/** Body of `POST /v1/policies/backtest`. */
export const backtestInputSchema = z.strictObject({
  document: jsonObjectSchema,
  days: z.int().min(1).max(365).default(30),
});

/** Body of `POST /v1/policies/explain`: an action as an agent would propose it. */
export const explainInputSchema = z.strictObject({
  action: z.strictObject({
    name: textSchema(200, 1),
    arguments: jsonObjectSchema.default({}),
    reversibility: z.enum(REVERSIBILITIES).optional(),
    impact: z.enum(IMPACTS).optional(),
    value: z.number().optional(),
    confidence: z.number().min(0).max(1).optional(),
  }),
  agentId: appIdSchema.optional(),
  endUserId: appIdSchema.optional(),
  sessionId: appIdSchema.optional(),
  /** Whether it counts as the first time with its counterparty. Default: as it is recorded. */
  firstTime: z.boolean().optional(),
  confidence: z.number().min(0).max(1).optional(),
  /** A draft instead of the policy in force. */
  policy: policySchema.optional(),
  at: instantSchema.optional(),
});

export type ExplainInput = z.input<typeof explainInputSchema>;

/** What the policy would do with an action. Nothing was created. */
export const explanationSchema = z.object({
  held: z.boolean(),
  tier: z.enum(TIERS),
  level: z.enum(GATE_LEVELS),
  rule: z.string().nullable(),
  reasons: z.array(z.object({ rule: z.string(), text: z.string() })),
  route: routeSchema,
  routeInWords: z.string(),
  quorum: quorumSchema,
  separation: z.enum(SEPARATIONS),
  strength: z.enum(STRENGTHS),
  channels: z.array(z.string()),
  reversibility: z.enum(REVERSIBILITIES).nullable(),
  impact: z.enum(IMPACTS).nullable(),
  value: z.number().nullable(),
  respondWithinSeconds: z.number(),
  timeoutSeconds: z.number(),
  onTimeout: z.enum(ON_TIMEOUT),
  mayGrant: z.boolean(),
  policyVersion: z.int().nullable().describe("Null for a draft."),
  findings: z.array(policyFindingSchema).describe("Of the draft; empty for the policy in force."),
});
export type Explanation = z.infer<typeof explanationSchema>;

const countsSchema = z.object({
  actions: z.int(),
  heldThen: z.int().describe("As it was recorded."),
  heldBefore: z.int().describe("By the policy in force."),
  heldAfter: z.int().describe("By the draft."),
});

/** What a draft would do with recorded actions, beside the policy in force. */
export const backtestSchema = z.object({
  days: z.int(),
  from: instantSchema,
  to: instantSchema,
  isTruncated: z
    .boolean()
    .describe("There were more actions than are looked at for one answer: the oldest were."),
  total: countsSchema,
  handled: z.int().describe("Held by both, and otherwise: another tier, route, quorum, strength or time."),
  byDay: z.array(countsSchema.extend({ day: z.string() })),
  byRule: z.array(
    z.object({
      rule: z.string().nullable(),
      decidedBefore: z.int(),
      decidedAfter: z.int(),
      heldBefore: z.int(),
      heldAfter: z.int(),
    }),
  ),
  byRoute: z.array(z.object({ route: z.string(), heldBefore: z.int(), heldAfter: z.int() })),
  examples: z.array(
    z.object({
      eventId: z.string(),
      createdAt: instantSchema,
      action: z.string(),
      holdId: z.string().nullable(),
      heldBefore: z.boolean(),
      heldAfter: z.boolean(),
      differs: z.array(z.string()),
      rule: z.string().nullable(),
      reason: z.string(),
    }),
  ),
  findings: z.array(policyFindingSchema),
});
export type Backtest = z.infer<typeof backtestSchema>;

/** What the version that runs beside has recorded. */
export const shadowReportSchema = z.object({
  version: z.int().nullable().describe("The version that runs beside; null when none does."),
  actions: z.int(),
  /** Let through by the version in force. */
  wouldHold: z.int(),
  /** Held by the version in force. */
  wouldLetThrough: z.int(),
  failed: z.int().describe("How often the version that runs beside could not be evaluated."),
  byRule: z.array(
    z.object({
      rule: z.string().nullable(),
      actions: z.int(),
      wouldHold: z.int(),
      wouldLetThrough: z.int(),
    }),
  ),
  isTruncated: z.boolean(),
});
export type ShadowReport = z.infer<typeof shadowReportSchema>;

function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat("en", { timeZone: name }).resolvedOptions().timeZone !== "";
  } catch {
    return false;
  }
}
