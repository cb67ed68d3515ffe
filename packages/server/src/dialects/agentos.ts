import { randomUUID } from "node:crypto";
import {
  appIdSchema,
  createRunSchema,
  isTerminalRun,
  sha256Of,
  textSchema,
  type Run,
} from "@holdpoint/protocol";
import type { Context } from "hono";
import { z } from "zod";
import type { Prices } from "../agents/price.ts";
import type { Registry } from "../agents/registry.ts";
import type { EventStreams } from "../events/event-streams.ts";
import type { DecideHoldDeps } from "../holds/decide-hold.ts";
import { decideTogether } from "../holds/decide-together.ts";
import { credentialHashOf, pathParameter } from "../http/credential.ts";
import { readIdempotencyKey } from "../http/request.ts";
import { route, type App, type RequestEnv } from "../http/route.ts";
import { ProblemError, renderProblem } from "../problem.ts";
import { controlRun } from "../runs/control-run.ts";
import { createRun, type CreateRunDeps } from "../runs/create-run.ts";
import { getRun, listRuns } from "../runs/read-runs.ts";
import { isAtRest, RunFollower } from "../runs/run-follower.ts";
import { addApprovalRoutes } from "./agentos/approvals.ts";
import { renderAgentOsRun, renderAgentOsSummary, statusOf } from "./agentos/render-run.ts";
import { AgentOsTelling } from "./agentos/telling.ts";
import { decisionsOf, parseTools } from "./agentos/tool-decisions.ts";
import type { DialectErrors } from "./dialect.ts";

export interface AgentOsDeps extends CreateRunDeps, DecideHoldDeps {
  registry: Pick<Registry, "findAgent">;
  streams: EventStreams;
  prices: Prices;
  /** How often a silent stream gives a sign of life. Default 15 s. */
  heartbeatMs?: number | undefined;
}

const OWN_PATH = /^\/(agents\/[^/]+\/runs|approvals)(\/|$)/;

/** `{detail}`, as its clients read it; beside it the rest of the problem. */
export const agentOsErrors: DialectErrors = {
  owns: (path) => OWN_PATH.test(path),
  render(problem, requestId) {
    const body = renderProblem(problem, requestId);
    return { status: body.status, body };
  },
};

/** A field that clients leave empty where they have nothing. */
const optional = <Schema extends z.ZodType>(schema: Schema) =>
  z.preprocess((value) => (value === "" ? undefined : value), schema.optional());
const startSchema = z.object({
  message: createRunSchema.shape.input,
  stream: z.stringbool().default(true),
  background: z.stringbool().default(false).describe("Answers at once; `stream` does not count then."),
  session_id: optional(appIdSchema).describe("Default: a new one."),
  user_id: optional(appIdSchema),
});
const continueSchema = z.object({
  tools: textSchema(1_000_000)
    .default("[]")
    .describe("A JSON array of the calls, each with `tool_call_id` and `confirmed`."),
  session_id: optional(appIdSchema).describe("Required."),
  user_id: optional(appIdSchema),
  stream: z.stringbool().default(true),
});
const listSchema = z.object({
  session_id: optional(textSchema(200)),
  user_id: optional(textSchema(200)),
  limit: z.coerce.number().int().min(1).max(200).default(50),
  cursor: textSchema(1_000).optional().describe("Of the header x-next-cursor of the page before."),
});
const runSchema = z.looseObject({
  run_id: z.string(),
  session_id: z.string().nullable(),
  status: z.enum(["PENDING", "RUNNING", "PAUSED", "COMPLETED", "CANCELLED", "ERROR"]),
  state: z.string().describe("The status in lower case."),
});
const STREAM = { description: "A run as JSON with `stream=false`; else its events", schema: runSchema };

/**
 * The protocol of AgentOS over the native runs and holds: forms in, runs and events out. Nothing is decided, kept or known
 * here that the native API does not have.
 */
export function addAgentOsRoutes(app: App, deps: AgentOsDeps): void {
  const tag = "AgentOS";
  const nameOf = (agentId: string): string => deps.registry.findAgent(agentId)?.name ?? agentId;

  route(
    app,
    {
      method: "post",
      path: "/agents/{agent_id}/runs",
      tag,
      summary: "Start a run",
      body: startSchema,
      bodyAs: "form",
      responses: {
        200: STREAM,
        202: { description: "With `background=true`: the queued run", schema: runSchema },
      },
    },
    async (context, { body }) => {
      const credentialHash = credentialHashOf(context);
      // Asked for before there is a run: one that nobody hears of would be started for nothing.
      if (!body.background) deps.streams.assertRoom(credentialHash);
      const key = readIdempotencyKey(context);
      const { run } = await createRun(deps, {
        credentialHash,
        agentId: pathParameter(context, "agent_id"),
        body: {
          input: body.message,
          sessionId: body.session_id ?? newSession(credentialHash, key),
          ...(body.user_id !== undefined && { endUserId: body.user_id }),
        },
        idempotencyKey: key,
      });
      if (body.background) return context.json(renderAgentOsSummary(run, nameOf(run.agentId)), 202);
      const follower = await RunFollower.open({ ...deps, credentialHash, run });
      const telling = new AgentOsTelling(nameOf(run.agentId));
      return body.stream
        ? streamOf(context, follower, telling, telling.started(run))
        : runOf(context, deps, follower, run.id);
    },
  );

  route(
    app,
    {
      method: "post",
      path: "/agents/{agent_id}/runs/{run_id}/continue",
      tag,
      summary: "Decide on all calls that a paused run waits with, together, and let it go on",
      body: continueSchema,
      bodyAs: "form",
      responses: { 200: STREAM },
    },
    async (context, { body }) => {
      const credentialHash = credentialHashOf(context);
      const given = parseTools(body.tools);
      const key = readIdempotencyKey(context);
      const before = await readRun(context, deps);
      requireSession(before, body.session_id);
      const decisions = decisionsOf(before, given, key !== undefined);
      if (decisions.length === 0) throw notPaused(before);
      const follower = await RunFollower.open({ ...deps, credentialHash, run: before });
      const decided = await decideTogether(deps, {
        credentialHash,
        decisions,
        via: "agentos",
        idempotencyKey: key,
      }).catch((error: unknown) => {
        follower.close();
        throw error;
      });
      const holds = before.holds.map((hold) => decided.find(({ id }) => id === hold.id) ?? hold);
      const telling = new AgentOsTelling(nameOf(before.agentId), before);
      return body.stream
        ? streamOf(context, follower, telling, telling.continued({ ...before, holds }))
        : runOf(context, deps, follower, before.id);
    },
  );

  route(
    app,
    {
      method: "get",
      path: "/agents/{agent_id}/runs",
      tag,
      summary: "List runs of an agent, the newest first",
      query: listSchema,
      responses: { 200: { description: "A page", schema: z.array(runSchema) } },
    },
    async (context, { query }) => {
      const { data, nextCursor } = await listRuns(deps.database, credentialHashOf(context), {
        agentId: pathParameter(context, "agent_id"),
        sessionId: query.session_id,
        endUserId: query.user_id,
        limit: query.limit,
        cursor: query.cursor,
      });
      if (nextCursor !== null) context.header("x-next-cursor", nextCursor);
      return context.json(data.map((run) => renderAgentOsSummary(run, nameOf(run.agentId))));
    },
  );

  route(
    app,
    {
      method: "get",
      path: "/agents/{agent_id}/runs/{run_id}",
      tag,
      summary: "One run with its messages, calls and what it waits for",
      responses: { 200: { description: "The run", schema: runSchema } },
    },
    async (context) => {
      const run = await readRun(context, deps);
      return context.json(renderAgentOsRun(run, nameOf(run.agentId)));
    },
  );

  route(
    app,
    {
      method: "post",
      path: "/agents/{agent_id}/runs/{run_id}/cancel",
      tag,
      summary: "End a run",
      responses: { 200: { description: "The run", schema: runSchema } },
    },
    async (context) => {
      const { id } = await readRun(context, deps);
      const run = await controlRun(deps, {
        credentialHash: credentialHashOf(context),
        runId: id,
        action: "cancel",
        reason: undefined,
        key: readIdempotencyKey(context),
      });
      return context.json(renderAgentOsSummary(run, nameOf(run.agentId)));
    },
  );

  addApprovalRoutes(app, deps);
}

/** A session of the run's own; the same for a request that comes again. */
function newSession(credentialHash: string, key: string | undefined): string {
  if (key === undefined) return randomUUID();
  return `session-${sha256Of(`${credentialHash} ${key}`).slice("sha256:".length, 39)}`;
}

/** The run of the path; one of another agent is not there. */
async function readRun(context: Context<RequestEnv>, deps: AgentOsDeps): Promise<Run> {
  const runId = pathParameter(context, "run_id");
  const run = await getRun(deps.database, credentialHashOf(context), runId, deps.prices);
  if (run.agentId === pathParameter(context, "agent_id")) return run;
  throw new ProblemError("not_found", `There is no run ${runId} of that agent here.`);
}

function requireSession(run: Run, sessionId: string | undefined): void {
  if (sessionId === undefined) {
    // The protocol's own status for this.
    throw new ProblemError("invalid_request", "The field session_id is required to continue a run.", {
      errors: [{ path: "session_id", message: "is required" }],
      status: 400,
    });
  }
  if (run.sessionId !== sessionId)
    throw new ProblemError("not_found", `There is no run ${run.id} in that session here.`);
}

/** Nothing of this run waits for a decision that this protocol can give. */
function notPaused(run: Run): ProblemError {
  if (isTerminalRun(run.status)) {
    return new ProblemError("run_ended", `Run ${run.id} is ${statusOf(run)} already: nothing waits in it.`, {
      runStatus: run.status,
    });
  }
  const expired = run.holds.filter(({ status }) => status === "expired").at(-1);
  const why = isAtRest(run)
    ? "what it waits for is decided at /approvals or in the inbox"
    : expired === undefined
      ? "it is not paused"
      : `the deadline of ${expired.title} has passed`;
  return new ProblemError("conflict", `Run ${run.id} cannot be continued: ${why}. Nothing was decided.`, {
    runStatus: run.status,
  });
}

/** Waits until the run rests; the run as it is where the service stops before. */
async function runOf(
  context: Context<RequestEnv>,
  deps: AgentOsDeps,
  follower: RunFollower,
  runId: string,
): Promise<Response> {
  const gone = (): void => follower.close();
  const { signal } = context.req.raw;
  signal.addEventListener("abort", gone, { once: true });
  let run: Run | undefined;
  try {
    for (;;) {
      const sight = await follower.next();
      if (sight === undefined) break;
      if (sight.kind !== "run") continue;
      ({ run } = sight);
      if (isAtRest(run)) break;
    }
  } finally {
    signal.removeEventListener("abort", gone);
    follower.close();
  }
  run ??= await getRun(deps.database, credentialHashOf(context), runId, deps.prices);
  return context.json(renderAgentOsRun(run, deps.registry.findAgent(run.agentId)?.name ?? run.agentId));
}

const STREAM_HEADERS = {
  "content-type": "text/event-stream; charset=utf-8",
  "cache-control": "no-store, no-transform",
  "x-accel-buffering": "no",
};

/** The run's events until it rests. Who goes away early stops nothing but the stream. */
function streamOf(
  context: Context<RequestEnv>,
  follower: RunFollower,
  telling: AgentOsTelling,
  first: string,
): Response {
  context.req.raw.signal.addEventListener("abort", () => follower.close(), { once: true });
  const encoder = new TextEncoder();
  const body = new ReadableStream<Uint8Array>({
    start: (controller) => controller.enqueue(encoder.encode(first)),
    async pull(controller) {
      for (;;) {
        const sight = await follower.next();
        if (sight === undefined) return controller.close();
        const told =
          sight.kind === "alive"
            ? ": \n\n"
            : sight.kind === "text"
              ? telling.spoken(sight.spoken)
              : telling.seen(sight.run);
        if (told !== "") controller.enqueue(encoder.encode(told));
        if (sight.kind === "run" && isAtRest(sight.run)) {
          follower.close();
          return controller.close();
        }
        if (told !== "") return;
      }
    },
    cancel: () => follower.close(),
  });
  return new Response(body, { headers: STREAM_HEADERS });
}
