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

/** Body of `POST /v1/policies/explain`: an action as an agent would propose it. */
export const explainInputSchema = z.strictObject({
  action: z.strictObject({
    name: textSchema(200, 1),
    arguments: jsonObjectSchema.default({}),
    reversibility: z.enum(REVERSIBILITIES).optional(),
    impact: z.enum(IMPACTS).optional(),
    value: z.number().optional(),
  }),
  agentId: appIdSchema.optional(),
  endUserId: appIdSchema.optional(),
  confidence: z.number().min(0).max(1).optional(),
  /** A draft instead of the policy in force. */
  policy: policySchema.optional(),
  at: instantSchema.optional(),
});

function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat("en", { timeZone: name }).resolvedOptions().timeZone !== "";
  } catch {
    return false;
  }
}
