import { textSchema } from "@holdpoint/protocol";
import type { Logger } from "pino";
import { z } from "zod";
import { exportEvents } from "../audit/export-events.ts";
import {
  auditEntry,
  CSV_HEADER,
  renderCsvLine,
  renderTextLine,
  REPORT_FORMATS,
  REPORT_MEDIA_TYPES,
  type ReportFormat,
} from "../audit/render-report.ts";
import type { Database } from "../database/database.ts";
import { currentCursor, resumeCursor } from "../events/event-log.ts";
import { eventStreamResponse } from "../events/event-stream.ts";
import type { Wakeups } from "../events/wakeups.ts";
import { credentialHashOf } from "./credential.ts";
import { requireRight, type Principals } from "./principal.ts";
import { ProblemError } from "./problem.ts";
import { route, type App } from "./route.ts";

export interface EventRouteDeps {
  database: Database;
  principals: Principals;
  wakeups: Wakeups;
  logger: Logger;
  stopping: AbortSignal;
}

const id = textSchema(200, 1);
const streamSchema = z.strictObject({ runId: id.optional(), holdId: id.optional() });
const auditSchema = z.strictObject({
  runId: id.optional(),
  sessionId: id.optional(),
  holdId: id.optional(),
  format: z.enum(REPORT_FORMATS).default("json"),
});

const ALL_PEOPLE = ["viewer", "reviewer", "manager", "operator", "admin"] as const;

export function addEventRoutes(app: App, deps: EventRouteDeps): void {
  route(
    app,
    {
      method: "get",
      path: "/v1/events",
      tag: "Events",
      summary: "Everything that happens in the organisation, as server-sent events",
      query: streamSchema,
      responses: {
        200: { description: "An event stream; resumes with Last-Event-ID", type: "text/event-stream" },
      },
    },
    async (context, { query }) => {
      const who = await deps.principals.get(credentialHashOf(context));
      requireRight(who, { scopes: ["audit:read"], roles: ALL_PEOPLE });
      const last = context.req.header("last-event-id");
      return eventStreamResponse({
        ...deps,
        filter: { orgId: who.orgId, ...query },
        after:
          last === undefined ? await currentCursor(deps.database) : await resumeCursor(deps.database, last),
        signal: AbortSignal.any([context.req.raw.signal, deps.stopping]),
      });
    },
  );
  route(
    app,
    {
      method: "get",
      path: "/v1/audit",
      tag: "Audit",
      summary: "What happened, of a run, a session or a hold",
      query: auditSchema,
      responses: { 200: { description: "The report, oldest first" } },
    },
    async (context, { query }) => {
      const who = await deps.principals.get(credentialHashOf(context));
      requireRight(who, { scopes: ["audit:read"], roles: ALL_PEOPLE });
      const { format, ...filter } = query;
      return reportResponse(deps, who.orgId, filter, format);
    },
  );
}

type Filter = Omit<z.output<typeof auditSchema>, "format">;

/** Written while it is read: a long log is never in memory at once. */
function reportResponse(deps: EventRouteDeps, orgId: string, filter: Filter, format: ReportFormat): Response {
  if (Object.values(filter).filter((value) => value !== undefined).length > 1) {
    throw new ProblemError(
      "invalid_request",
      "Ask for the audit of one run, one session or one hold, not of several at once.",
      {
        errors: [{ path: "runId", message: "give only one of runId, sessionId, holdId" }],
      },
    );
  }
  const lines = renderLines(deps, orgId, filter, format);
  const encoder = new TextEncoder();
  const stream = new ReadableStream<Uint8Array>({
    async pull(controller) {
      const { done, value } = await lines.next();
      if (done === true) controller.close();
      else controller.enqueue(encoder.encode(value));
    },
    async cancel() {
      await lines.return(undefined);
    },
  });
  return new Response(stream, { headers: { "content-type": REPORT_MEDIA_TYPES[format] } });
}

async function* renderLines(
  deps: EventRouteDeps,
  orgId: string,
  filter: Filter,
  format: ReportFormat,
): AsyncGenerator<string> {
  const events = exportEvents(deps.database, orgId, filter);
  if (format === "json") {
    let separator = '{"data":[';
    for await (const event of events) {
      yield `${separator}${JSON.stringify(auditEntry(event))}`;
      separator = ",\n";
    }
    yield separator === ",\n" ? "]}\n" : `${separator}]}\n`;
    return;
  }
  if (format === "csv") yield `${CSV_HEADER}\r\n`;
  if (format === "text") yield `Audit trail for ${describe(filter)}\n`;
  for await (const event of events) {
    if (format === "jsonl") yield `${JSON.stringify(auditEntry(event))}\n`;
    else if (format === "csv") yield `${renderCsvLine(event)}\r\n`;
    else yield `${renderTextLine(event)}\n`;
  }
}

/** The header of R89. */
function describe(filter: Filter): string {
  if (filter.sessionId !== undefined) return `session ${filter.sessionId}`;
  if (filter.runId !== undefined) return `run ${filter.runId}`;
  if (filter.holdId !== undefined) return `hold ${filter.holdId}`;
  return "the organisation";
}
