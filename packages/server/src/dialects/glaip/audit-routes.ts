import { textSchema, type Hold } from "@holdpoint/protocol";
import { z } from "zod";
import type { Registry } from "../../agents/registry.ts";
import type { Database } from "../../database/database.ts";
import { COUNTED, listOutcomes } from "../../holds/list-outcomes.ts";
import { credentialHashOf, pathParameter } from "../../http/credential.ts";
import { route, type App } from "../../http/route.ts";
import { ProblemError } from "../../problem.ts";
import { renderAudit } from "./requests.ts";

export interface GlaipAuditDeps {
  database: Database;
  registry: Pick<Registry, "findAgent">;
}

/** As entries write theirs; a `+` that was not encoded arrives as a space. */
const dateSchema = z.preprocess(
  (text) => (typeof text === "string" ? text.replace(/ (?=\d\d:\d\d$)/, "+") : text),
  z.union([z.iso.date(), z.iso.datetime({ offset: true, local: true })], {
    error: "must be a day or an instant, as in 2026-01-31 or 2026-01-31T12:00:00+00:00",
  }),
);
const auditSchema = z.object({
  page: z.coerce.number().int().min(1).max(1_000_000).default(1),
  limit: z.coerce.number().int().min(1).max(100).default(50),
  start_date: dateSchema.optional(),
  end_date: dateSchema.optional().describe("A day counts as a whole."),
  decision_type: z.enum(["approved", "rejected", "skipped", "timeout"]).optional(),
  agent_id: textSchema(200, 1).optional(),
  sort_order: z.enum(["asc", "desc"]).default("desc"),
});
const entrySchema = z.looseObject({ request_id: z.string(), decision: z.string(), timestamp: z.string() });

const STATUSES = {
  approved: ["approved", "modified"],
  rejected: ["rejected"],
  skipped: ["skipped"],
  timeout: ["expired"],
} as const;

/** What was decided, by whom, and about what. */
export function addAuditRoutes(app: App, deps: GlaipAuditDeps): void {
  const nameOf = (hold: Hold, stored: string | null): string | null =>
    deps.registry.findAgent(hold.agentId ?? "")?.name ?? stored;
  route(
    app,
    {
      method: "get",
      path: "/agents/hitl/audit",
      tag: "GLAIP",
      summary: "What was decided, in numbered pages; counted up to 10,000",
      query: auditSchema,
      responses: {
        200: { description: "A page", schema: z.looseObject({ data: z.array(entrySchema), total: z.int() }) },
      },
    },
    async (context, { query }) => {
      const { page, limit } = query;
      const { data, total } = await listOutcomes(
        deps.database,
        credentialHashOf(context),
        {
          statuses:
            query.decision_type === undefined
              ? Object.values(STATUSES).flat()
              : STATUSES[query.decision_type],
          agentId: query.agent_id,
          ...periodOf(query),
          isAscending: query.sort_order === "asc",
        },
        { page, limit },
      );
      return context.json({
        success: true,
        message: `${total === COUNTED ? `${COUNTED} or more` : total} decisions found`,
        data: data.map(({ hold, agentName }) => renderAudit(hold, nameOf(hold, agentName))),
        total,
        page,
        limit,
        has_next: page * limit < total,
        has_prev: page > 1,
      });
    },
  );
  route(
    app,
    {
      method: "get",
      path: "/agents/hitl/audit/{request_id}",
      tag: "GLAIP",
      summary: "How one request was decided",
      responses: { 200: { description: "The decision", schema: z.looseObject({ data: entrySchema }) } },
    },
    async (context) => {
      const holdId = pathParameter(context, "request_id");
      const {
        data: [found],
      } = await listOutcomes(
        deps.database,
        credentialHashOf(context),
        { statuses: Object.values(STATUSES).flat(), holdId, isAscending: false },
        { page: 1, limit: 1 },
      );
      if (found === undefined)
        throw new ProblemError(
          "not_found",
          `No decision on ${holdId} is known here: there is no such request, or it waits.`,
        );
      return context.json({
        success: true,
        message: "Decision found",
        data: renderAudit(found.hold, nameOf(found.hold, found.agentName)),
      });
    },
  );
}

/** A day as its beginning, or as the end of it; what names no zone is UTC. */
function periodOf(query: { start_date?: string | undefined; end_date?: string | undefined }): {
  from: string | undefined;
  until: string | undefined;
} {
  const from = query.start_date === undefined ? undefined : instantFrom(query.start_date);
  const end = query.end_date === undefined ? undefined : instantFrom(query.end_date);
  const wholeDay = query.end_date !== undefined && !query.end_date.includes("T") ? 86_400_000 : 1;
  const until = end === undefined ? undefined : new Date(end.getTime() + wholeDay);
  if (from !== undefined && until !== undefined && from >= until)
    throw new ProblemError("invalid_request", "start_date is after end_date.", {
      errors: [{ path: "start_date", message: "is after end_date" }],
    });
  return { from: from && writable(from), until: until && writable(until) };
}

function instantFrom(text: string): Date {
  return new Date(
    /(Z|[+-]\d\d:\d\d)$/.test(text) ? text : text.includes("T") ? `${text}Z` : `${text}T00:00Z`,
  );
}

/** Databases know other ends of time; nothing was decided beyond these. */
const FIRST = new Date("0001-01-01T00:00:00Z");
const LAST = new Date("9999-12-31T23:59:59.999Z");

function writable(instant: Date): string {
  return (instant < FIRST ? FIRST : instant > LAST ? LAST : instant).toISOString();
}
