import {
  controlRunSchema,
  createRunSchema,
  isTerminalRun,
  killRunSchema,
  listRunsSchema,
  runControlledSchema,
  runDeletedSchema,
  runSchema,
  runSummarySchema,
} from "@holdpoint/protocol";
import type { Logger } from "pino";
import { z } from "zod";
import type { Prices } from "../agents/price.ts";
import { cursorAfter, START_OF_LOG } from "../events/event-log.ts";
import { eventStreamResponse } from "../events/event-stream.ts";
import type { EventStreams } from "../events/event-streams.ts";
import { runTextReader } from "../events/run-text.ts";
import { controlRun } from "../runs/control-run.ts";
import { createRun, type CreateRunDeps } from "../runs/create-run.ts";
import { deleteRun } from "../runs/delete-run.ts";
import { getRun, listRuns, READERS_OF_RUNS, waitForRun } from "../runs/read-runs.ts";
import { credentialHashOf, pathParameter } from "./credential.ts";
import { requireRight, type Principals } from "../identity/principal.ts";
import { replyOf } from "./raw-reply.ts";
import { readIdempotencyKey, requestKeyOf } from "./request.ts";
import { route, type App } from "./route.ts";

export interface RunRouteDeps extends CreateRunDeps {
  principals: Principals;
  streams: EventStreams;
  logger: Logger;
  stopping: AbortSignal;
  /** What models cost, for what a run has cost. */
  prices: Prices;
}

const LAST_EVENTS = new Set<string>(["run.completed", "run.failed", "run.cancelled", "run.killed"]);
const replaySchema = z.strictObject({
  after: z
    .string()
    .max(200)
    .optional()
    .describe("The id of an event, or of a message of this stream: what came after it. Last-Event-ID wins."),
});
const waitSchema = z.strictObject({ timeoutSeconds: z.coerce.number().min(0).max(60).default(30) });

export function addRunRoutes(app: App, deps: RunRouteDeps): void {
  addControlRoutes(app, deps);
  const tag = "Runs";
  route(
    app,
    {
      method: "post",
      path: "/v1/agents/{id}/runs",
      tag,
      summary: "Start a run",
      body: createRunSchema,
      responses: { 201: { description: "The queued run", schema: runSummarySchema } },
    },
    async (context, { body }) => {
      const { run } = await createRun(deps, {
        credentialHash: credentialHashOf(context),
        agentId: pathParameter(context, "id"),
        body,
        idempotencyKey: readIdempotencyKey(context),
      });
      return context.json(run, 201);
    },
  );
  route(
    app,
    {
      method: "get",
      path: "/v1/runs",
      tag,
      summary: "List runs",
      query: listRunsSchema,
      responses: {
        200: {
          description: "A page",
          schema: z.object({ data: z.array(runSummarySchema), nextCursor: z.string().nullable() }),
        },
      },
    },
    async (context, { query }) =>
      context.json(await listRuns(deps.database, credentialHashOf(context), query)),
  );
  route(
    app,
    {
      method: "get",
      path: "/v1/runs/{id}",
      tag,
      summary: "One run with its messages, calls, holds and steps",
      responses: { 200: { description: "The run", schema: runSchema } },
    },
    async (context) =>
      context.json(
        await getRun(deps.database, credentialHashOf(context), pathParameter(context, "id"), deps.prices),
      ),
  );
  route(
    app,
    {
      method: "delete",
      path: "/v1/runs/{id}",
      tag,
      summary: "Delete a run that is over with everything of it; the audit log keeps its entries",
      responses: { 200: { description: "What is gone", schema: runDeletedSchema } },
    },
    async (context) =>
      context.json(
        await deleteRun(deps, {
          credentialHash: credentialHashOf(context),
          runId: pathParameter(context, "id"),
        }),
      ),
  );
  route(
    app,
    {
      method: "get",
      path: "/v1/runs/{id}/wait",
      tag,
      summary: "Wait until a run has ended or waits for a person (long poll)",
      query: waitSchema,
      responses: { 200: { description: "The run", schema: runSchema } },
    },
    async (context, { query }) =>
      context.json(
        await waitForRun({
          database: deps.database,
          wakeups: deps.wakeups,
          credentialHash: credentialHashOf(context),
          runId: pathParameter(context, "id"),
          timeoutSeconds: query.timeoutSeconds,
          prices: deps.prices,
          signal: AbortSignal.any([context.req.raw.signal, deps.stopping]),
        }),
      ),
  );
  route(
    app,
    {
      method: "get",
      path: "/v1/runs/{id}/events",
      tag,
      summary: "What happens in a run, as server-sent events, from its start",
      query: replaySchema,
      responses: {
        200: {
          description: "An event stream; resumes with Last-Event-ID and ends with the run",
          type: "text/event-stream",
        },
      },
    },
    async (context, { query }) => {
      const credentialHash = credentialHashOf(context);
      const { principals, streams, database } = deps;
      const who = await principals.get(credentialHash);
      requireRight(who, READERS_OF_RUNS);
      const run = await getRun(deps.database, credentialHash, pathParameter(context, "id"));
      const last = context.req.header("last-event-id") ?? query.after;
      return eventStreamResponse({
        streams,
        credential: credentialHash,
        filter: { orgId: who.orgId, runId: run.id },
        after: last === undefined ? START_OF_LOG : await cursorAfter(database, who.orgId, last),
        assertMayRead: async () => requireRight(await principals.getAgain(credentialHash), READERS_OF_RUNS),
        isLast: (event) => LAST_EVENTS.has(event.type) && event.runId === run.id,
        isOver: isTerminalRun(run.status),
        extra: runTextReader({ database, reads: streams.reads }, who.orgId, run.id),
        ...replyOf(context),
      });
    },
  );
}

const CONTROLS = [
  { action: "pause", summary: "Pause a run at its next interrupt point" },
  { action: "resume", summary: "Let a paused run go on" },
  { action: "cancel", summary: "End a run: its holds are closed, and what is in flight is told to stop" },
  { action: "kill", summary: "The last resort: end a run without waiting for anything, and say why" },
] as const;

function addControlRoutes(app: App, deps: RunRouteDeps): void {
  for (const { action, summary } of CONTROLS) {
    route(
      app,
      {
        method: "post",
        path: `/v1/runs/{id}/${action}`,
        tag: "Runs",
        summary,
        body: action === "kill" ? killRunSchema : controlRunSchema,
        responses: {
          200: {
            description:
              "The run; once it has ended, with a report of what was completed, what not, and what is unknown",
            schema: runControlledSchema,
          },
        },
      },
      async (context, { body }) =>
        context.json(
          await controlRun(deps, {
            credentialHash: credentialHashOf(context),
            runId: pathParameter(context, "id"),
            action,
            reason: body.reason,
            key: requestKeyOf(context, body),
          }),
        ),
    );
  }
}
