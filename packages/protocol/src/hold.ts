import { z } from "zod";
import { STAKES } from "./confidence.ts";
import { scopeSchema } from "./connection.ts";
import { appIdSchema, instantSchema, textSchema } from "./instant.ts";
import { routeSchema } from "./route-schema.ts";
import { jsonObjectSchema, jsonValueSchema } from "./json-schema.ts";
import {
  FULFILMENTS,
  GATE_LEVELS,
  HOLD_KINDS,
  HOLD_STATUSES,
  IMPACTS,
  ON_TIMEOUT,
  REVERSIBILITIES,
  STRENGTHS,
  TIERS,
  VERDICTS,
} from "./legality.ts";

const guidance = textSchema(10_000).optional();

/** What is asked of a person in a clarification. */
export const questionSchema = z.discriminatedUnion("type", [
  z.strictObject({
    type: z.literal("action"),
    url: textSchema(4_000, 1).refine(isSafeLink, "must be an https link, or http on loopback"),
    label: textSchema(200, 1),
    requireConfirmation: z.boolean().default(false),
    guidance,
  }),
  z.strictObject({ type: z.literal("input"), schema: jsonObjectSchema, guidance }),
  z.strictObject({
    type: z.literal("choice"),
    options: z
      .array(
        z.strictObject({
          value: jsonValueSchema,
          label: textSchema(500, 1),
          detail: textSchema(2_000).optional(),
        }),
      )
      .min(1)
      .max(1_000),
    multiple: z.boolean().default(false),
    guidance,
  }),
  z.strictObject({
    type: z.literal("value"),
    value: jsonValueSchema,
    schema: jsonObjectSchema.optional(),
    guidance,
  }),
  z.strictObject({ type: z.literal("verification"), guidance }),
  z.strictObject({
    type: z.literal("custom"),
    name: textSchema(200, 1),
    data: jsonValueSchema.optional(),
    schema: jsonObjectSchema.optional(),
    guidance,
  }),
]);
export type Question = z.infer<typeof questionSchema>;

/** Something that helps a person to judge, typed and bounded. Rendered as text or checked link, never as HTML. */
export const evidenceSchema = z.discriminatedUnion("type", [
  z.strictObject({ type: z.literal("text"), title: textSchema(200, 1), text: textSchema(20_000) }),
  z.strictObject({
    type: z.literal("link"),
    title: textSchema(200, 1),
    url: textSchema(4_000, 1).refine(isSafeLink, "must be an https link, or http on loopback"),
  }),
  z.strictObject({
    type: z.literal("image"),
    title: textSchema(200, 1),
    mediaType: z.enum(["image/png", "image/jpeg", "image/webp"]),
    base64: z.base64().max(400_000),
  }),
  z.strictObject({
    type: z.literal("file"),
    title: textSchema(200, 1),
    mediaType: textSchema(100, 1),
    base64: z.base64().max(400_000),
  }),
  z.strictObject({
    type: z.literal("diff"),
    title: textSchema(200, 1),
    before: textSchema(20_000),
    after: textSchema(20_000),
  }),
]);
export type Evidence = z.infer<typeof evidenceSchema>;

function isSafeLink(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const url = new URL(text);
  if (url.protocol === "https:") return true;
  return url.protocol === "http:" && ["localhost", "127.0.0.1", "[::1]"].includes(url.hostname);
}

export const actionInputSchema = z.strictObject({
  name: textSchema(200, 1),
  arguments: jsonObjectSchema.default({}),
  reversibility: z.enum(REVERSIBILITIES).optional(),
  impact: z.enum(IMPACTS).optional(),
  value: z.number().optional(),
  confidence: z
    .number()
    .min(0)
    .max(1)
    .optional()
    .describe("How sure the agent is, 0 to 1. Absent counts as 0.5."),
});

/** Body of `POST /v1/holds`. */
export const createHoldSchema = z.strictObject({
  kind: z.enum(HOLD_KINDS).default("approval"),
  title: textSchema(300, 1).optional(),
  summary: textSchema(4_000).optional(),
  details: jsonValueSchema.optional(),
  evidence: z.array(evidenceSchema).max(20).optional(),
  action: actionInputSchema.optional(),
  question: questionSchema.optional(),
  provider: textSchema(200, 1).optional(),
  scopes: z.array(scopeSchema).max(100).optional(),
  purpose: textSchema(2_000, 1).optional(),
  task: textSchema(20_000, 1).optional(),
  result: jsonValueSchema.optional(),
  confidence: z.number().min(0).max(1).optional(),
  threshold: z.number().min(0).max(1).optional().describe("Default: the one of `stake`."),
  stake: z
    .enum(STAKES)
    .optional()
    .describe("How much depends on the result: low 0.4, medium 0.65 (the default), high 0.85."),
  reason: textSchema(2_000, 1).optional(),
  agentId: appIdSchema.optional(),
  runId: textSchema(200, 1).optional(),
  sessionId: appIdSchema.optional(),
  endUserId: appIdSchema.optional(),
  transactionId: appIdSchema.optional(),
  tier: z.enum(TIERS).optional(),
  route: routeSchema.optional(),
  timeoutSeconds: z.int().min(1).max(31_536_000).optional(),
  onTimeout: z.enum(ON_TIMEOUT).optional(),
  remindEverySeconds: z
    .int()
    .min(60)
    .max(31_536_000)
    .optional()
    .describe(
      "Of a question or sign-in: how often whoever is asked is reminded. An action's policy says so.",
    ),
  metadata: jsonObjectSchema.optional(),
});
export type CreateHold = z.infer<typeof createHoldSchema>;

const actionHashSchema = z
  .string()
  .regex(/^sha256:[0-9a-f]{64}$/, "must be sha256: and 64 lower-case hex digits");

/** Body of `POST /v1/holds/{id}/decisions`. */
export const decisionInputSchema = z.strictObject({
  verdict: z.enum(VERDICTS),
  actionHash: actionHashSchema.optional(),
  modifications: jsonObjectSchema.optional(),
  arguments: jsonObjectSchema.optional(),
  answer: jsonValueSchema.optional(),
  comment: textSchema(4_000).optional(),
});
export type DecisionInput = z.infer<typeof decisionInputSchema>;

/** Body of `POST /v1/decisions`. */
export const decideSeveralSchema = z.strictObject({
  decisions: z
    .array(decisionInputSchema.extend({ holdId: z.string().min(1).max(200) }))
    .min(1)
    .max(50),
  atomic: z
    .boolean()
    .default(false)
    .describe("All or none: the first that is refused is the answer, and nothing was decided."),
});

export const reasonSchema = z.object({ rule: z.string(), text: z.string() });
export type Reason = z.infer<typeof reasonSchema>;

export const actionSchema = z.object({
  name: z.string(),
  arguments: jsonObjectSchema,
  hash: z.string(),
  schema: jsonObjectSchema.nullable(),
  reversibility: z.enum(REVERSIBILITIES),
  impact: z.enum(IMPACTS).nullable(),
  value: z.number().nullable(),
});

const claimedSchema = z
  .string()
  .optional()
  .describe("Whom the caller named as the one who decided: as claimed, verified by nobody.");

export const outcomeSchema = z.object({
  verdict: z.enum(VERDICTS).nullable(),
  arguments: jsonObjectSchema.nullable(),
  actionHash: z.string().nullable(),
  answer: jsonValueSchema.nullable(),
  comment: z.string().nullable(),
  selfDecided: z.boolean(),
  by: z.object({
    id: z.string(),
    name: z.string(),
    via: z.string(),
    verifiedBy: z.string().nullable(),
    claimed: claimedSchema,
  }),
});
export type Outcome = z.infer<typeof outcomeSchema>;

/** A person's decision as recorded. */
export const decisionSchema = z.object({
  id: z.string(),
  verdict: z.enum(VERDICTS),
  by: z.object({
    id: z.string(),
    name: z.string(),
    via: z.string(),
    verifiedBy: z.string(),
    claimed: claimedSchema,
  }),
  selfDecided: z.boolean(),
  comment: z.string().nullable(),
  originalText: z.string().nullable(),
  createdAt: instantSchema,
});

/** What one person has said so far; a later vote of the same person takes its place. */
export const voteSchema = z.object({
  by: z.object({ id: z.string(), name: z.string(), via: z.string(), verifiedBy: z.string() }),
  verdict: z.enum(VERDICTS),
  at: instantSchema,
  /** The bytes that the vote is for; null for a no, and where there is no action. */
  actionHash: z.string().nullable(),
  /** Of a yes with changes: what it would execute instead, so that others can say yes to the same. */
  arguments: jsonObjectSchema.nullable(),
  comment: z.string().nullable(),
});
export type Vote = z.infer<typeof voteSchema>;

/** What comes next while nobody decides: who is asked too, or a reminder to those who are asked already. */
export const nextStepSchema = z.object({
  at: instantSchema,
  type: z.enum(["asked", "reminder"]),
  /** In words, such as `a manager`. */
  who: z.string(),
});
export type NextStep = z.infer<typeof nextStepSchema>;

/** A hold as the API shows it. */
export const holdSchema = z.object({
  id: z.string(),
  orgId: z.string(),
  kind: z.enum(HOLD_KINDS),
  status: z.enum(HOLD_STATUSES),
  title: z.string(),
  summary: z.string().nullable(),
  details: jsonValueSchema.nullable(),
  evidence: z.array(evidenceSchema),
  action: actionSchema.nullable(),
  question: jsonObjectSchema.nullable(),
  tier: z.enum(TIERS),
  level: z.enum(GATE_LEVELS).nullable(),
  reasons: z.array(reasonSchema),
  rule: z
    .string()
    .nullable()
    .describe("The policy's rule that decided; null where the declaration or the defaults did."),
  policyVersion: z.int(),
  route: routeSchema,
  quorum: z.object({
    required: z.int().describe("How many different people must say yes to the same bytes."),
    refusals: z.int().describe("How many noes end it."),
    votes: z.array(voteSchema).describe("Those that count; empty in lists."),
  }),
  nextStep: nextStepSchema.nullable(),
  strength: z.enum(STRENGTHS).describe("The least strength of a decision."),
  channels: z.array(z.string()),
  mayGrant: z.boolean().describe("Whether a decision may be made a standing grant."),
  allowedVerdicts: z.array(z.enum(VERDICTS)),
  agentId: z.string().nullable(),
  runId: z.string().nullable(),
  path: z
    .array(z.string())
    .nullable()
    .describe("Of an agent that another one called: the agents by name, from the outermost."),
  toolCallId: z.string().nullable(),
  sessionId: z.string().nullable(),
  endUserId: z.string().nullable(),
  transactionId: z.string().nullable(),
  requester: z.string(),
  createdAt: instantSchema,
  respondBy: instantSchema.nullable(),
  expiresAt: instantSchema.nullable(),
  onTimeout: z.enum(ON_TIMEOUT),
  decidedAt: instantSchema.nullable(),
  outcome: outcomeSchema.nullable(),
  fulfilment: z.enum(FULFILMENTS),
  execution: jsonValueSchema.nullable(),
  metadata: jsonObjectSchema.nullable(),
  runLostAt: instantSchema
    .nullable()
    .describe("Since when nothing is heard of the run elsewhere that asked; a decision counts all the same."),
  version: z.int(),
});
export type Hold = z.infer<typeof holdSchema>;

/** One hold asked for by id also carries its decisions and deliveries, and whether whoever asks has put it off. */
export const holdDetailSchema = holdSchema.extend({
  deferredAt: instantSchema.nullable(),
  decisions: z.array(decisionSchema),
  deliveries: z.array(z.unknown()),
});
export type HoldDetail = z.infer<typeof holdDetailSchema>;

/** What `POST /v1/decisions` answers of each hold, in the order of the request: the hold, or why it was not decided. */
export const decisionResultSchema = z.object({
  holdId: z.string(),
  hold: holdSchema.optional(),
  error: z.object({ code: z.string(), status: z.int(), detail: z.string() }).optional(),
});

export const holdSorts = ["createdAt", "expiresAt", "impact"] as const;

/** Query of `GET /v1/holds`. */
export const listHoldsSchema = z.strictObject({
  status: z
    .enum([...HOLD_STATUSES, "ended"])
    .optional()
    .describe("`ended` is every status but `pending`."),
  kind: z.enum(HOLD_KINDS).optional(),
  tier: z.enum(TIERS).optional(),
  assignee: z.literal("me").optional().describe("What the person who asks may decide and has not put off."),
  deferred: z.stringbool().optional().describe("What the person who asks has put off, or has not."),
  agentId: textSchema(200).optional(),
  runId: textSchema(200).optional(),
  endUserId: textSchema(200).optional(),
  transactionId: textSchema(200).optional(),
  q: textSchema(200).optional(),
  sort: z.enum(holdSorts).default("createdAt"),
  limit: z.coerce.number().int().min(1).max(200).default(50),
  cursor: z.string().max(1_000).optional(),
});
