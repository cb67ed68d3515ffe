import { z } from "zod";
import { HOLD_KINDS, HOLD_STATUSES } from "./legality.ts";
import { instantSchema, textSchema } from "./instant.ts";
import { jsonObjectSchema, jsonValueSchema } from "./json-schema.ts";

/** Body of `PUT /v1/end-users/{id}`: what the app knows of the person. What is left out stays, null takes it away. */
export const endUserInputSchema = z.strictObject({
  name: textSchema(200, 1).nullable().optional(),
  email: z.email().max(320).nullable().optional(),
  phone: textSchema(40, 3).nullable().optional(),
  additionalData: jsonObjectSchema.optional().describe("Whatever else the app wants at hand. Replaces."),
  preferences: jsonObjectSchema.optional().describe("What the agent is to know of the person. Replaces."),
});
export type EndUserInput = z.infer<typeof endUserInputSchema>;

/** A person that agents work for. The id is the app's own; a row is made on first use. */
export const endUserSchema = z.object({
  id: z.string(),
  name: z.string().nullable(),
  email: z.string().nullable(),
  phone: z.string().nullable(),
  additionalData: jsonObjectSchema,
  preferences: jsonObjectSchema,
  openQuestions: z.int(),
  createdAt: instantSchema,
  updatedAt: instantSchema,
});
export type EndUser = z.infer<typeof endUserSchema>;

/** Body of `POST /v1/end-users/{id}/links`. */
export const createEndUserLinkSchema = z.strictObject({
  expiresInSeconds: z.int().min(60).max(2_592_000).default(604_800),
});

/**
 * A link to the hosted page with the person's open questions. It names a place and proves nobody: the first device that
 * brings the code is the one it works on.
 */
export const endUserLinkSchema = z.object({
  id: z.string(),
  url: z.string(),
  code: z.string().describe("Put it into the same message. Wrong codes end the link."),
  expiresAt: instantSchema,
});
export type EndUserLink = z.infer<typeof endUserLinkSchema>;

/** Body of `POST /v1/end-users/{id}/tokens`. */
export const createEndUserTokenSchema = z.strictObject({
  expiresInSeconds: z.int().min(60).max(3_600).default(900),
});

/** Query of `GET /v1/end-users`. */
export const listEndUsersSchema = z.strictObject({
  q: textSchema(200).optional().describe("Part of id, name, email or phone."),
  open: z.stringbool().optional().describe("Only those with open questions, or without."),
  limit: z.coerce.number().int().min(1).max(200).default(50),
  cursor: z.string().max(1_000).optional(),
});

export const END_USER_LINK_STATUSES = ["waiting", "bound", "ended", "revoked", "expired"] as const;

/** A link as lists show it: without what opens it. */
export const endUserLinkViewSchema = z.object({
  id: z.string(),
  endUserId: z.string(),
  status: z
    .enum(END_USER_LINK_STATUSES)
    .describe("`bound`: a device has brought the code. `ended`: too many wrong codes."),
  createdAt: instantSchema,
  expiresAt: instantSchema,
  boundAt: instantSchema.nullable(),
});
export type EndUserLinkView = z.infer<typeof endUserLinkViewSchema>;

/** For the app's own page: the app's backend vouches for the person, and hands this to their browser. */
export const endUserTokenSchema = z.object({ token: z.string(), expiresAt: instantSchema });
export type EndUserToken = z.infer<typeof endUserTokenSchema>;

/**
 * A question as the person sees whom it is addressed to: nothing of the organisation, its policy or its people.
 * `question` is one of the types of `questionSchema`, or `{type: "authorization", provider, label, scopes, purpose}`.
 */
export const ownQuestionSchema = z.object({
  id: z.string(),
  kind: z.enum(HOLD_KINDS),
  status: z.enum(HOLD_STATUSES),
  title: z.string(),
  summary: z.string().nullable(),
  question: jsonObjectSchema,
  agentId: z.string().nullable(),
  agentName: z.string().nullable(),
  createdAt: instantSchema,
  expiresAt: instantSchema.nullable(),
  decidedAt: instantSchema.nullable(),
  answer: jsonValueSchema
    .nullable()
    .describe("What the person has answered; null while open and after a no."),
  version: z.int(),
});
export type OwnQuestion = z.infer<typeof ownQuestionSchema>;

/** Query of `GET /v1/questions`: open ones first, then those decided within 30 days, each newest first. */
export const listQuestionsSchema = z.strictObject({
  status: z.enum(["open", "decided"]).optional(),
  limit: z.coerce.number().int().min(1).max(100).default(50),
  cursor: z.string().max(1_000).optional(),
});

/** `data:` of the events of `GET /v1/questions/events`: the question as it is now. */
export const questionEventSchema = z.object({
  id: z.string(),
  type: z.enum([
    "hold.created",
    "hold.decided",
    "hold.expired",
    "hold.kept",
    "hold.cancelled",
    "hold.reminded",
  ]),
  createdAt: instantSchema,
  data: ownQuestionSchema,
});
export type QuestionEvent = z.infer<typeof questionEventSchema>;

/**
 * What `GET /v1/questions/open/{link}` says to the device that asks. `bound`: it works on this device; `taken`: on another.
 */
export const openedLinkSchema = z.object({
  status: z.enum(["waiting", "bound", "taken", "ended", "revoked", "expired"]),
  attemptsLeft: z.int().describe("Wrong codes that it still takes."),
  expiresAt: instantSchema,
});
export type OpenedLink = z.infer<typeof openedLinkSchema>;

/** Body of `POST /v1/questions/open/{link}`. */
export const openLinkSchema = z.strictObject({ code: textSchema(40, 1) });

/** Body of `POST /v1/questions/{id}/answer`. */
export const answerQuestionSchema = z.strictObject({ answer: jsonValueSchema });

/** Body of `POST /v1/questions/{id}/decline`. */
export const declineQuestionSchema = z.strictObject({ comment: textSchema(4_000).optional() });

/** What `POST /v1/questions/{id}/authorize` answers: where the browser goes next. Single use, ten minutes. */
export const authorizeAnswerSchema = z.object({ url: z.string(), expiresAt: instantSchema });
export type AuthorizeAnswer = z.infer<typeof authorizeAnswerSchema>;
