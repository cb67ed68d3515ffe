import { textSchema } from "@holdpoint/protocol";
import { z } from "zod";
import { exportEvents } from "../audit/export-events.ts";
import { exportLog } from "../audit/export-log.ts";
import {
  auditEntry,
  CSV_HEADER,
  renderCsvLine,
  renderTextLine,
  REPORT_FORMATS,
  REPORT_MEDIA_TYPES,
  type ReportFormat,
} from "../audit/render-report.ts";
import { visible } from "../audit/visible-text.ts";
import type { Database } from "../database/database.ts";
import { credentialHashOf } from "./credential.ts";
import { ALL_PEOPLE, requireRight, type Principals } from "../identity/principal.ts";
import { ProblemError } from "../problem.ts";
import { route, type App } from "./route.ts";

export interface AuditReportDeps {
  database: Database;
  principals: Principals;
}

/** What `holdpoint audit verify` takes. */
const LOG_FORMAT = "log";

const id = textSchema(200, 1);
const auditSchema = z.strictObject({
  runId: id.optional(),
  sessionId: id.optional(),
  holdId: id.optional(),
  format: z.enum([...REPORT_FORMATS, LOG_FORMAT]).default("json"),
});
type Filter = Omit<z.output<typeof auditSchema>, "format">;

export function addAuditReportRoute(app: App, deps: AuditReportDeps): void {
  route(
    app,
    {
      method: "get",
      path: "/v1/audit",
      tag: "Audit",
      summary: "What happened, of a run, a session or a hold; as `log` with its proofs",
      query: auditSchema,
      responses: { 200: { description: "The report, oldest first" } },
    },
    async (context, { query }) => {
      const who = await deps.principals.get(credentialHashOf(context));
      requireRight(who, { scopes: ["audit:read"], roles: ALL_PEOPLE });
      const { format, ...filter } = query;
      assertOneFilter(filter);
      return format === LOG_FORMAT
        ? logResponse(deps.database, who.orgId, filter)
        : streamed(renderReport(deps.database, who.orgId, filter, format), REPORT_MEDIA_TYPES[format]);
    },
  );
}

function assertOneFilter(filter: Filter): void {
  if (Object.values(filter).filter((value) => value !== undefined).length <= 1) return;
  throw new ProblemError(
    "invalid_request",
    "Ask for the audit of one run, one session or one hold, not of several at once.",
    { errors: [{ path: "runId", message: "give only one of runId, sessionId, holdId" }] },
  );
}

async function logResponse(database: Database, orgId: string, filter: Filter): Promise<Response> {
  const pages = await exportLog(database, orgId, filter);
  if (pages === undefined) throw nothingSigned();
  return streamed(joined(pages), REPORT_MEDIA_TYPES.jsonl);
}

export function nothingSigned(): ProblemError {
  return new ProblemError(
    "not_found",
    "No checkpoint has been signed yet. The first follows the first event within a second.",
  );
}

async function* joined(pages: AsyncGenerator<string[]>): AsyncGenerator<string> {
  for await (const lines of pages) yield lines.map((line) => `${line}\n`).join("");
}

/** Written while it is read: a long log is never in memory at once. */
function streamed(texts: AsyncGenerator<string>, mediaType: string): Response {
  const encoder = new TextEncoder();
  const stream = new ReadableStream<Uint8Array>({
    async pull(controller) {
      const { done, value } = await texts.next();
      if (done === true) controller.close();
      else controller.enqueue(encoder.encode(value));
    },
    async cancel() {
      await texts.return(undefined);
    },
  });
  return new Response(stream, { headers: { "content-type": mediaType } });
}

async function* renderReport(
  database: Database,
  orgId: string,
  filter: Filter,
  format: ReportFormat,
): AsyncGenerator<string> {
  const events = exportEvents(database, orgId, filter);
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
  if (format === "text") yield `Audit trail for ${visible(describe(filter))}\n`;
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
