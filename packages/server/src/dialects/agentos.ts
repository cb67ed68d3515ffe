import { randomUUID } from "node:crypto";
import {
  appIdSchema,
  createRunSchema,
  isTerminalRun,
  problemSchema,
  sha256Of,
  textSchema,
  type Run,
  type RunSummary,
} from "@holdpoint/protocol";
import type { Context } from "hono";
import { z } from "zod";
import type { Prices } from "../agents/price.ts";
import type { EventStreams } from "../events/event-streams.ts";
import type { DecideHoldDeps } from "../holds/decide-hold.ts";
import { decideTogether, findDecidedUnder } from "../holds/decide-together.ts";
import { credentialHashOf, pathParameter } from "../http/credential.ts";
import { readIdempotencyKey } from "../http/request.ts";
import { route, type App, type RequestEnv } from "../http/route.ts";
import { ProblemError, renderProblem } from "../problem.ts";
import { controlRun } from "../runs/control-run.ts";
import { createRun, type CreateRunDeps } from "../runs/create-run.ts";
import { getRun, listRuns } from "../runs/read-runs.ts";
import { isAtRest, RunFollower } from "../runs/run-follower.ts";
import { runOf, streamOf } from "./agentos/answers.ts";
import { addApprovalRoutes } from "./agentos/approvals.ts";
import { renderAgentOsRun, renderAgentOsSummary, STATUS_WORDS, statusOf } from "./agentos/render-run.ts";
import { AgentOsTelling } from "./agentos/telling.ts";
import { decisionsAgain, decisionsOf, parseTools } from "./agentos/tool-decisions.ts";
import type { DialectErrors } from "./dialect.ts";

export interface AgentOsDeps extends CreateRunDeps, DecideHoldDeps {
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
  schema: problemSchema,
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
  status: optional(z.enum([...STATUS_WORDS.keys()])).describe(
    "As answers have it in `status` or `state`, or a status of Holdpoint's own.",
  ),
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
  const nameOf = ({ orgId, agentId }: RunSummary): Promise<string> => deps.agents.nameOf(orgId, agentId);

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
      const agentName = await nameOf(run);
      if (body.background) return context.json(renderAgentOsSummary(run, agentName), 202);
      const follower = await RunFollower.open({ ...deps, credentialHash, run });
      const telling = new AgentOsTelling(agentName);
      return body.stream
        ? streamOf(context, follower, telling, telling.started(run))
        : runOf(context, deps, follower, { id: run.id, agentName });
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
      requireSession(before, body);
      const repeated = key === undefined ? [] : await findDecidedUnder(deps.database, credentialHash, key);
      const decisions =
        repeated.length > 0
          ? decisionsAgain(before, given, repeated)
          : decisionsOf(before, given, key !== undefined);
      if (decisions.length === 0) throw notPaused(before);
      const agentName = await nameOf(before);
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
      const telling = new AgentOsTelling(agentName, before);
      return body.stream
        ? streamOf(context, follower, telling, telling.continued({ ...before, holds }))
        : runOf(context, deps, follower, { id: before.id, agentName });
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
      const agentId = pathParameter(context, "agent_id");
      const { data, nextCursor } = await listRuns(deps.database, credentialHashOf(context), {
        agentId,
        statuses: query.status === undefined ? undefined : STATUS_WORDS.get(query.status),
        sessionId: query.session_id,
        endUserId: query.user_id,
        limit: query.limit,
        cursor: query.cursor,
      });
      if (nextCursor !== null) context.header("x-next-cursor", nextCursor);
      const [first] = data;
      const agentName = first === undefined ? agentId : await nameOf(first);
      return context.json(data.map((run) => renderAgentOsSummary(run, agentName)));
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
      return context.json(renderAgentOsRun(run, await nameOf(run)));
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
      return context.json(renderAgentOsSummary(run, await nameOf(run)));
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

/** As everywhere, the session of another end user is not there. */
function requireSession(
  run: Run,
  { session_id: sessionId, user_id: userId }: z.output<typeof continueSchema>,
): void {
  if (sessionId === undefined) {
    // The protocol's own status for this.
    throw new ProblemError("invalid_request", "The field session_id is required to continue a run.", {
      errors: [{ path: "session_id", message: "is required" }],
      status: 400,
    });
  }
  const isOfAnother = userId !== undefined && run.endUserId !== null && run.endUserId !== userId;
  if (run.sessionId !== sessionId || isOfAnother)
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
