import { z } from "zod";
import { appIdSchema, instantSchema, textSchema } from "./instant.ts";
import { jsonObjectSchema, jsonValueSchema } from "./json-schema.ts";

export const SAMPLE_VERDICTS = ["correct", "incorrect", "unsure"] as const;
export type SampleVerdict = (typeof SAMPLE_VERDICTS)[number];

/** An action that proceeded by itself and was drawn for people to judge. */
export const sampleSchema = z.object({
  id: z.string(),
  status: z.enum(["open", "reviewed"]),
  rule: z.string().nullable(),
  policyVersion: z.int(),
  agentId: z.string().nullable(),
  endUserId: z.string().nullable(),
  runId: z.string().nullable(),
  toolCallId: z.string().nullable(),
  claimId: z.string(),
  confidence: z.number().nullable(),
  action: z.object({ name: z.string(), arguments: jsonObjectSchema, hash: z.string() }),
  /** How it ended, for calls of runs here; null while it runs, and for agents elsewhere. */
  execution: z
    .object({ status: z.string(), result: jsonValueSchema.optional(), error: jsonValueSchema.optional() })
    .nullable(),
  createdAt: instantSchema,
  review: z
    .object({
      verdict: z.enum(SAMPLE_VERDICTS),
      comment: z.string().nullable(),
      at: instantSchema,
      by: z.object({ id: z.string(), name: z.string() }),
    })
    .nullable(),
});
export type Sample = z.infer<typeof sampleSchema>;

export const listSamplesSchema = z.strictObject({
  status: z.enum(["open", "reviewed"]).optional(),
  agentId: appIdSchema.optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
  cursor: z.string().max(1_000).optional(),
});

/** Body of `POST /v1/samples/{id}/review`. */
export const reviewSampleSchema = z.strictObject({
  verdict: z.enum(SAMPLE_VERDICTS),
  comment: textSchema(4_000, 1).optional(),
});
export type ReviewSample = z.infer<typeof reviewSampleSchema>;

const shareSchema = z.number().min(0).max(1);

const calibrationSchema = z.object({
  count: z.int(),
  correct: z.int(),
  bins: z.array(
    z.object({
      from: shareSchema,
      to: shareSchema,
      count: z.int(),
      correct: z.int(),
      expected: shareSchema.nullable(),
      observed: shareSchema.nullable(),
      low: shareSchema.nullable(),
      high: shareSchema.nullable(),
    }),
  ),
  expectedCalibrationError: shareSchema.nullable(),
  suggestedThreshold: shareSchema.nullable(),
});

/** Answer of `GET /v1/insights/calibration`. */
export const calibrationReportSchema = z.object({
  target: shareSchema,
  /** Of all agents that were asked about, together. */
  overall: calibrationSchema,
  agents: z.array(calibrationSchema.extend({ agentId: z.string().nullable() })),
  /** Judged as `unsure`, or without a confidence: not counted above. */
  leftOut: z.int(),
});
export type CalibrationReport = z.infer<typeof calibrationReportSchema>;
