import {
  backtestInputSchema,
  backtestSchema,
  checkPolicyInputSchema,
  explainInputSchema,
  explanationSchema,
  policyFindingSchema,
  policyInForceSchema,
  policyVersionSchema,
  policyVersionSummarySchema,
  putPolicySchema,
  shadowReportSchema,
} from "@holdpoint/protocol";
import { z } from "zod";
import { ALL_PEOPLE, requireRight } from "../identity/principal.ts";
import { backtest } from "../policies/backtest.ts";
import { checkDocument, hasErrors } from "../policies/check-document.ts";
import {
  catalogueOf,
  getPolicy,
  getPolicyVersion,
  listPolicyVersions,
  parseVersion,
  putPolicy,
  type EditPolicyDeps,
} from "../policies/edit-policy.ts";
import { explain, type ExplainDeps } from "../policies/explain.ts";
import { reportShadow } from "../policies/shadow-report.ts";
import { credentialHashOf, pathParameter } from "./credential.ts";
import { idempotencyOf } from "./request.ts";
import { route, type App } from "./route.ts";

export type PolicyRouteDeps = EditPolicyDeps & ExplainDeps;

const pageSchema = z.strictObject({
  limit: z.coerce.number().int().min(1).max(200).default(50),
  cursor: z.string().max(1_000).optional(),
});
const versionPageSchema = z.object({
  data: z.array(policyVersionSummarySchema),
  nextCursor: z.string().nullable(),
});
const EDITORS = { scopes: [], roles: ["operator", "admin"] as const };
const READERS = { scopes: [], roles: ALL_PEOPLE };

/** The policy as data: what is in force, every version, and what a draft would do. */
export function addPolicyRoutes(app: App, deps: PolicyRouteDeps): void {
  const tag = "Policy";
  route(
    app,
    {
      method: "get",
      path: "/v1/policies",
      tag,
      summary: "The policy in force, with what is to be said about it",
      responses: { 200: { description: "The version in force; 0 is none", schema: policyInForceSchema } },
    },
    async (context) => context.json(await getPolicy(deps, credentialHashOf(context))),
  );
  route(
    app,
    {
      method: "put",
      path: "/v1/policies",
      tag,
      summary: "Change the policy: a new version, in force or beside what is",
      body: putPolicySchema,
      responses: { 200: { description: "The new version", schema: policyVersionSchema } },
    },
    async (context, { body }) =>
      context.json(
        await putPolicy(deps, {
          credentialHash: credentialHashOf(context),
          body,
          idempotency: idempotencyOf(context, body),
        }),
      ),
  );
  route(
    app,
    {
      method: "get",
      path: "/v1/policies/versions",
      tag,
      summary: "Every version there was, newest first",
      query: pageSchema,
      responses: { 200: { description: "A page", schema: versionPageSchema } },
    },
    async (context, { query }) =>
      context.json(await listPolicyVersions(deps, credentialHashOf(context), query)),
  );
  route(
    app,
    {
      method: "get",
      path: "/v1/policies/versions/{version}",
      tag,
      summary: "One version with its document",
      responses: { 200: { description: "The version", schema: policyVersionSchema } },
    },
    async (context) => {
      const version = parseVersion(pathParameter(context, "version"), "version");
      return context.json(await getPolicyVersion(deps, credentialHashOf(context), version));
    },
  );
  route(
    app,
    {
      method: "post",
      path: "/v1/policies/check",
      tag,
      summary: "What is wrong or doubtful in a document, with place and remedy",
      body: checkPolicyInputSchema,
      responses: {
        200: {
          description: "The findings; `isUsable` is false where one is an error",
          schema: z.object({ isUsable: z.boolean(), findings: z.array(policyFindingSchema) }),
        },
      },
    },
    async (context, { body }) => {
      const principal = await deps.principals.get(credentialHashOf(context));
      requireRight(principal, READERS);
      const catalogue = await catalogueOf(deps, principal.orgId);
      const isStrict = body.strict || catalogue.isStrict;
      const { findings } = checkDocument(body.document, { ...catalogue, isStrict });
      return context.json({ isUsable: !hasErrors(findings), findings });
    },
  );
  route(
    app,
    {
      method: "post",
      path: "/v1/policies/explain",
      tag,
      summary: "What the policy, or a draft, would do with an action; creates nothing",
      body: explainInputSchema,
      responses: { 200: { description: "What would happen, and why", schema: explanationSchema } },
    },
    async (context, { body }) => context.json(await explain(deps, credentialHashOf(context), body)),
  );
  route(
    app,
    {
      method: "post",
      path: "/v1/policies/backtest",
      tag,
      summary: "What a draft would have done with the recorded actions of the last days",
      body: backtestInputSchema,
      responses: { 200: { description: "Before and after", schema: backtestSchema } },
    },
    async (context, { body }) => {
      const principal = await deps.principals.get(credentialHashOf(context));
      requireRight(principal, EDITORS);
      return context.json(await backtest({ ...deps, now: Date.now }, principal.orgId, body));
    },
  );
  route(
    app,
    {
      method: "get",
      path: "/v1/policies/shadow",
      tag,
      summary: "What the version that runs beside would have held or let through",
      responses: { 200: { description: "By its rules", schema: shadowReportSchema } },
    },
    async (context) => {
      const principal = await deps.principals.get(credentialHashOf(context));
      requireRight(principal, READERS);
      const { shadowVersion } = await getPolicy(deps, credentialHashOf(context));
      const shadow =
        shadowVersion === null
          ? undefined
          : await getPolicyVersion(deps, credentialHashOf(context), shadowVersion);
      return context.json(
        await reportShadow(
          deps.database,
          principal.orgId,
          shadow && { version: shadow.version, sinceMs: Date.parse(shadow.createdAt ?? "") },
        ),
      );
    },
  );
}
