import {
  amendCallSchema,
  forkRunSchema,
  giveResultSchema,
  runNoteSchema,
  runSummarySchema,
  tellRunSchema,
  toolCallSchema,
  withdrawCallSchema,
} from "@holdpoint/protocol";
import type { Context } from "hono";
import { amendCall, type AmendDeps } from "../runs/amend-call.ts";
import { forkRun, type ForkDeps } from "../runs/fork-run.ts";
import { giveResult, withdrawCall } from "../runs/steer-call.ts";
import { tellRun, type SteerRequest } from "../runs/tell-run.ts";
import { credentialHashOf, pathParameter } from "./credential.ts";
import { idempotencyOf } from "./request.ts";
import { route, type App } from "./route.ts";

/** What an operator does to a run besides stopping it: a word to the agent, its calls, and running it again from a step. */
export function addSteerRoutes(app: App, deps: AmendDeps & ForkDeps): void {
  const tag = "Runs";
  const requestOf = (context: Context, body: object): SteerRequest => ({
    credentialHash: credentialHashOf(context),
    runId: pathParameter(context, "id"),
    idempotency: idempotencyOf(context, { path: context.req.path, ...body }),
  });
  const callRequestOf = (context: Context, body: object) => ({
    ...requestOf(context, body),
    callId: pathParameter(context, "callId"),
  });
  route(
    app,
    {
      method: "post",
      path: "/v1/runs/{id}/messages",
      tag,
      summary: "Tell the agent something before its next step",
      body: tellRunSchema,
      responses: {
        201: { description: "The word, which the model has not heard yet", schema: runNoteSchema },
      },
    },
    async (context, { body }) =>
      context.json(await tellRun(deps, { ...requestOf(context, body), body }), 201),
  );
  route(
    app,
    {
      method: "post",
      path: "/v1/runs/{id}/calls/{callId}/result",
      tag,
      summary: "Take a tool call over: give its result by hand, so that nothing executes it",
      body: giveResultSchema,
      responses: { 200: { description: "The call", schema: toolCallSchema } },
    },
    async (context, { body }) =>
      context.json(await giveResult(deps, { ...callRequestOf(context, body), body })),
  );
  route(
    app,
    {
      method: "post",
      path: "/v1/runs/{id}/calls/{callId}/withdraw",
      tag,
      summary: "Withdraw a tool call: it is not executed, and the model is told why",
      body: withdrawCallSchema,
      responses: { 200: { description: "The call", schema: toolCallSchema } },
    },
    async (context, { body }) =>
      context.json(await withdrawCall(deps, { ...callRequestOf(context, body), reason: body.reason })),
  );
  route(
    app,
    {
      method: "post",
      path: "/v1/runs/{id}/calls/{callId}/amend",
      tag,
      summary: "Change the arguments of a tool call that waits for a decision; it is asked about anew",
      body: amendCallSchema,
      responses: { 200: { description: "The call, with its new hold", schema: toolCallSchema } },
    },
    async (context, { body }) =>
      context.json(await amendCall(deps, { ...callRequestOf(context, body), body })),
  );
  route(
    app,
    {
      method: "post",
      path: "/v1/runs/{id}/fork",
      tag,
      summary: "Run again from a step of a run that has ended, without repeating what was executed",
      body: forkRunSchema,
      responses: { 201: { description: "The new run, queued", schema: runSummarySchema } },
    },
    async (context, { body }) =>
      context.json(await forkRun(deps, { ...requestOf(context, body), body }), 201),
  );
}
