import { z } from "zod";
import { appIdSchema, instantSchema, textSchema } from "./instant.ts";
import { jsonObjectSchema, jsonValueSchema } from "./json-schema.ts";
import { holdSchema } from "./hold.ts";
import { ON_NEW_MESSAGE } from "./on-new-message.ts";
import { ORDER_SCOPES, standingOrderSchema } from "./standing-order.ts";
import { RUN_STATUSES, TOOL_CALL_STATUSES } from "./legality.ts";
import { toolSettingsSchema } from "./stored-agent.ts";
import { callSteeringSchema, costSchema, runNoteSchema, runTimeSchema } from "./steer.ts";

/** Body of `POST /v1/agents/{id}/runs`. */
export const createRunSchema = z.strictObject({
  input: textSchema(200_000, 1),
  sessionId: appIdSchema.optional(),
  endUserId: appIdSchema.optional(),
  metadata: jsonObjectSchema.optional(),
});
export type CreateRun = z.infer<typeof createRunSchema>;

/** Body of `POST /v1/runs`: a run that another process works on, and registers here. */
export const registerRunSchema = createRunSchema.extend({
  external: z
    .literal(true, { error: "must be true; runs of this service start with POST /v1/agents/{id}/runs" })
    .describe("The run lives elsewhere; runs of this service start at their agent."),
  agentId: appIdSchema,
  heartbeatSeconds: z
    .int()
    .min(1)
    .max(3_600)
    .default(30)
    .describe("Silent for three times that, it is lost."),
});
export type RegisterRun = z.input<typeof registerRunSchema>;

/** Body of `POST /v1/runs/{id}/heartbeat`. */
export const heartbeatSchema = z.strictObject({
  isInterruptPoint: z
    .boolean()
    .default(true)
    .describe("False: a sign of life in the middle of a step; a pause does not take effect with it."),
  waitSeconds: z
    .number()
    .min(0)
    .max(60)
    .default(0)
    .describe("At an interrupt point: waits so long while paused."),
  steps: z.int().min(0).max(1_000_000_000).optional().describe("How many steps it has done."),
  text: textSchema(2_000).optional().describe("What it is at, in words."),
  heard: z
    .array(z.string().max(100))
    .max(100)
    .optional()
    .describe("Ids of the `notes` that it has taken in."),
});
export type Heartbeat = z.input<typeof heartbeatSchema>;

/** What a run that lives elsewhere is to do: go on, stop at (or wait in) an interrupt point, end. */
export const CONTROLS_OF_EXTERNAL = ["run", "pause", "cancel"] as const;

/** Body of `POST /v1/runs/{id}/end`. */
export const endRunSchema = z.strictObject({
  status: z.enum(["completed", "failed"]),
  output: textSchema(200_000).optional(),
  error: z.strictObject({ code: textSchema(200, 1), message: textSchema(4_000) }).optional(),
});
export type EndRun = z.infer<typeof endRunSchema>;

export const toolCallSchema = z.object({
  id: z.string(),
  step: z.int(),
  name: z.string(),
  arguments: jsonValueSchema,
  status: z.enum(TOOL_CALL_STATUSES),
  result: jsonValueSchema.nullable(),
  error: jsonValueSchema.nullable(),
  holdId: z.string().nullable(),
  childRunId: z.string().nullable().describe("The run of the agent that this call called."),
  attempt: z.int(),
  startedAt: instantSchema.nullable(),
  endedAt: instantSchema.nullable(),
  reasons: z
    .array(z.object({ rule: z.string(), text: z.string() }))
    .nullable()
    .describe("Why it went ahead by itself; null where a person was asked: then its hold says why."),
  steered: callSteeringSchema.nullable().describe("What a person did to it, last."),
  reusedFrom: z
    .object({ runId: z.string(), toolCallId: z.string() })
    .nullable()
    .describe("Executed there, in the run that this one goes on from; not executed again."),
});
export type ToolCall = z.infer<typeof toolCallSchema>;

export const usageSchema = z.object({ inputTokens: z.int(), outputTokens: z.int(), totalTokens: z.int() });

const confidenceSchema = z.number().min(0).max(1).nullable();

export const stepSchema = z.object({
  position: z.int(),
  status: z.enum(["running", "completed", "failed"]),
  model: z.string(),
  text: z.string(),
  finishReason: z.string().nullable(),
  usage: usageSchema.nullable(),
  confidence: confidenceSchema.describe("How sure the agent is of this answer; null where nobody asked."),
  holdId: z.string().nullable().describe("The escalation that asks a person about this answer."),
  cost: costSchema,
  startedAt: instantSchema,
  endedAt: instantSchema.nullable(),
});

/** A run as lists show it. */
export const runSummarySchema = z.object({
  id: z.string(),
  orgId: z.string(),
  agentId: z.string(),
  status: z.enum(RUN_STATUSES),
  input: z.string(),
  output: z.string().nullable(),
  error: jsonValueSchema.nullable(),
  endReason: z.string().nullable(),
  sessionId: z.string().nullable(),
  endUserId: z.string().nullable(),
  metadata: jsonObjectSchema.nullable(),
  parentRunId: z.string().nullable().describe("The run whose call made this one."),
  path: z
    .array(z.string())
    .nullable()
    .describe("Of a run that a call made: the agents by name, from the outermost to its own."),
  model: z.string().nullable(),
  pauseRequested: z.boolean(),
  waitsFor: z.string().nullable().describe("The run of its session that has to end before this one begins."),
  pauseScope: z
    .enum(ORDER_SCOPES)
    .nullable()
    .describe("The standing order that pauses it; null where somebody paused this run alone, or nobody did."),
  external: z
    .object({
      heartbeatSeconds: z.int(),
      heartbeatAt: instantSchema,
      lostAt: instantSchema.nullable().describe("Since when nothing is heard of it."),
      steps: z.int().nullable(),
      text: z.string().nullable(),
    })
    .nullable()
    .describe("Of a run that another process works on."),
  usage: usageSchema.nullable(),
  confidence: confidenceSchema.describe(
    "How sure the agent is of its last answer, where its config has that estimated.",
  ),
  forkedFrom: z
    .object({ runId: z.string(), step: z.int() })
    .nullable()
    .describe("The run, and its step, from which this one goes on."),
  createdAt: instantSchema,
  startedAt: instantSchema.nullable(),
  endedAt: instantSchema.nullable(),
});
export type RunSummary = z.infer<typeof runSummarySchema>;

/** A run asked for by id. */
export const runSchema = runSummarySchema.extend({
  messages: z.array(jsonObjectSchema),
  toolCalls: z.array(toolCallSchema),
  holds: z.array(holdSchema).describe("Its own, and those of the agents that it called (with `path`)."),
  steps: z.array(stepSchema),
  notes: z.array(runNoteSchema).describe("Words of operators to the agent."),
  time: runTimeSchema,
  cost: costSchema,
  forks: z.array(z.string()).describe("Runs that go on from this one."),
});
export type Run = z.infer<typeof runSchema>;

/** The answer to a heartbeat. */
export const heardSchema = z.object({
  control: z.enum(CONTROLS_OF_EXTERNAL),
  run: runSummarySchema,
  notes: z
    .array(z.object({ id: z.string(), text: z.string() }))
    .describe(
      "At an interrupt point: words of operators to the agent, until a heartbeat says that they were `heard`.",
    ),
});
export type Heard = z.infer<typeof heardSchema>;

/** Body of `POST /v1/runs/{id}/pause`, `resume` and `cancel`. */
export const controlRunSchema = z.strictObject({ reason: textSchema(2_000, 1).optional() });

/** Body of `POST /v1/runs/{id}/kill`: the last resort says why. */
export const killRunSchema = z.strictObject({ reason: textSchema(2_000, 1) });

const reportedCallsSchema = z.array(
  z.object({
    id: z.string(),
    name: z.string(),
    status: z.enum(TOOL_CALL_STATUSES),
    path: z.array(z.string()).optional().describe("Of a call of an agent that was called."),
  }),
);

/** A run that an operator took in hand; of one that was ended, what became of its calls. */
export const runControlledSchema = runSummarySchema.extend({
  report: z
    .object({
      completed: reportedCallsSchema,
      notCompleted: reportedCallsSchema,
      unknown: reportedCallsSchema.describe("In flight when it ended: each is told once its tool reports."),
    })
    .nullable(),
});
export type RunControlled = z.infer<typeof runControlledSchema>;

/** What became of a run that was deleted. The audit log keeps its entries. */
export const runDeletedSchema = z.object({
  id: z.string(),
  runs: z.int().describe("How many are gone: itself, and those that it called."),
  holds: z.int(),
});
export type RunDeleted = z.infer<typeof runDeletedSchema>;

/** Query of `GET /v1/runs`. */
export const listRunsSchema = z.strictObject({
  status: z.enum(RUN_STATUSES).optional(),
  agentId: textSchema(200).optional(),
  sessionId: textSchema(200).optional(),
  endUserId: textSchema(200).optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
  cursor: z.string().max(1_000).optional(),
});

/** The answer to `POST /v1/sessions/{id}/cancel`. */
export const sessionCancelledSchema = z.object({
  sessionId: z.string(),
  runs: z.array(runControlledSchema).describe("Those that it ended, the newest first."),
});
export type SessionCancelled = z.infer<typeof sessionCancelledSchema>;

/** An agent as the API shows it. */
export const agentSchema = z.object({
  id: z.string(),
  name: z.string(),
  model: z.string(),
  isScripted: z.boolean().describe("True when no model key is set and the small scripted model stands in."),
  markdown: z.boolean(),
  onNewMessage: z.enum(ON_NEW_MESSAGE),
  source: z
    .enum(["config", "api", "external"])
    .describe("Api: made with POST /v1/agents. External: its runs live elsewhere."),
  paused: standingOrderSchema.nullable().describe("The order that pauses all its runs."),
  held: standingOrderSchema.nullable().describe("The kill-switch over all its actions."),
  tools: z.array(
    z.object({
      name: z.string(),
      description: z.string(),
      inputSchema: jsonObjectSchema,
      reversibility: z.string(),
      requiresConfirmation: z.boolean(),
      settings: toolSettingsSchema
        .nullable()
        .describe("What an agent that was made over the API asks for beyond the tool and the policy."),
      held: standingOrderSchema
        .nullable()
        .describe("The kill-switch over the tool, whichever agent calls it."),
    }),
  ),
});
export type Agent = z.infer<typeof agentSchema>;
