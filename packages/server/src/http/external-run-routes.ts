import {
  endRunSchema,
  heardSchema,
  heartbeatSchema,
  registerRunSchema,
  runSummarySchema,
} from "@holdpoint/protocol";
import { endExternalRun, heartbeat, type ExternalRunDeps } from "../fleet/external-runs.ts";
import { registerRun } from "../runs/create-run.ts";
import { credentialHashOf, pathParameter } from "./credential.ts";
import { readIdempotencyKey, requestKeyOf } from "./request.ts";
import { route, type App } from "./route.ts";

export interface ExternalRunRouteDeps extends ExternalRunDeps {
  stopping: AbortSignal;
}

/** Runs that another process works on: registered, heard of, ended. */
export function addExternalRunRoutes(app: App, deps: ExternalRunRouteDeps): void {
  const tag = "Runs that live elsewhere";
  route(
    app,
    {
      method: "post",
      path: "/v1/runs",
      tag,
      summary: "Register a run that another process works on",
      body: registerRunSchema,
      responses: { 201: { description: "The run; it runs from now on", schema: runSummarySchema } },
    },
    async (context, { body }) => {
      const { run } = await registerRun(deps, {
        credentialHash: credentialHashOf(context),
        body,
        idempotencyKey: readIdempotencyKey(context),
      });
      return context.json(run, 201);
    },
  );
  route(
    app,
    {
      method: "post",
      path: "/v1/runs/{id}/heartbeat",
      tag,
      summary: "A sign of life, and the run's interrupt point: what it is to do",
      body: heartbeatSchema,
      responses: { 200: { description: "Go on, pause, or end", schema: heardSchema } },
    },
    async (context, { body }) =>
      context.json(
        await heartbeat(deps, {
          credentialHash: credentialHashOf(context),
          runId: pathParameter(context, "id"),
          body,
          signal: AbortSignal.any([context.req.raw.signal, deps.stopping]),
        }),
      ),
  );
  route(
    app,
    {
      method: "post",
      path: "/v1/runs/{id}/end",
      tag,
      summary: "The run is over, by its own word",
      body: endRunSchema,
      responses: { 200: { description: "The run", schema: runSummarySchema } },
    },
    async (context, { body }) =>
      context.json(
        await endExternalRun(deps, {
          credentialHash: credentialHashOf(context),
          runId: pathParameter(context, "id"),
          body,
          key: requestKeyOf(context, body),
        }),
      ),
  );
}
