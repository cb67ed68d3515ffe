import {
  appIdSchema,
  calibrationReportSchema,
  listSamplesSchema,
  reviewSampleSchema,
  sampleSchema,
} from "@holdpoint/protocol";
import { z } from "zod";
import { calibrationOf, listSamples, reviewSample, type SampleDeps } from "../policies/samples/samples.ts";
import { credentialHashOf, pathParameter } from "./credential.ts";
import { route, type App } from "./route.ts";

const calibrationQuerySchema = z.strictObject({
  agentId: appIdSchema.optional(),
  target: z.coerce.number().min(0.5).max(0.999).default(0.95),
});

/** What proceeded by itself and was drawn for people to judge, and what their verdicts say of confidence. */
export function addSampleRoutes(app: App, deps: SampleDeps): void {
  const { database } = deps;
  const tag = "Samples";
  route(
    app,
    {
      method: "get",
      path: "/v1/samples",
      tag,
      summary: "Actions that proceeded by themselves and were drawn for review",
      query: listSamplesSchema,
      responses: {
        200: {
          description: "A page",
          schema: z.object({ data: z.array(sampleSchema), nextCursor: z.string().nullable() }),
        },
      },
    },
    async (context, { query }) => context.json(await listSamples(database, credentialHashOf(context), query)),
  );
  route(
    app,
    {
      method: "post",
      path: "/v1/samples/{id}/review",
      tag,
      summary: "Say whether a sampled action was correct",
      body: reviewSampleSchema,
      responses: { 200: { description: "The sample", schema: sampleSchema } },
    },
    async (context, { body }) =>
      context.json(await reviewSample(deps, credentialHashOf(context), pathParameter(context, "id"), body)),
  );
  route(
    app,
    {
      method: "get",
      path: "/v1/insights/calibration",
      tag,
      summary: "How well confidence foretold correctness, by agent",
      query: calibrationQuerySchema,
      responses: { 200: { description: "Tables and thresholds", schema: calibrationReportSchema } },
    },
    async (context, { query }) =>
      context.json(await calibrationOf(database, credentialHashOf(context), query)),
  );
}
