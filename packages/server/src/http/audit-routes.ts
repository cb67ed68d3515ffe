import { parseTilePath, type TileId } from "@holdpoint/core";
import { isTerminalHold, receiptSchema, textSchema } from "@holdpoint/protocol";
import type { Context } from "hono";
import { z } from "zod";
import type { CheckpointSigner } from "../audit/checkpoint-signer.ts";
import { checkLog } from "../audit/check-log.ts";
import { findCheckpoint } from "../audit/checkpoints.ts";
import { eraseForAdmin } from "../audit/erasure.ts";
import { formatTlogProof, proveConsistency, proveEvent, readBundle, readTile } from "../audit/log-proofs.ts";
import { findReceipt } from "../audit/receipt.ts";
import type { Database } from "../database/database.ts";
import { getHold } from "../holds/read-holds.ts";
import { addAuditReportRoute, nothingSigned } from "./audit-report-route.ts";
import { credentialHashOf, pathParameter } from "./credential.ts";
import { ALL_PEOPLE, requireRight, type Principals } from "../identity/principal.ts";
import { ProblemError } from "../problem.ts";
import { route, type App, type RequestEnv } from "./route.ts";

export interface AuditRouteDeps {
  database: Database;
  principals: Principals;
  signer: CheckpointSigner;
}

const size = z.coerce.number().int().min(0).max(Number.MAX_SAFE_INTEGER);
const consistencySchema = z.strictObject({ from: size, to: size.optional() });
const inclusionSchema = z.strictObject({ format: z.enum(["json", "tlog-proof"]).default("json") });
const erasureSchema = z.union([
  z.strictObject({ endUserId: textSchema(200, 1) }),
  z.strictObject({ sessionId: textSchema(200, 1) }),
]);
const checkpointSchema = z.object({
  size: z.int(),
  checkpoint: z.string(),
  key: z.string(),
  createdAt: z.string(),
});
const proofSchema = z.object({
  eventId: z.string(),
  index: z.int(),
  size: z.int(),
  leafHash: z.string(),
  proof: z.array(z.string()),
  checkpoint: z.string(),
});

const TEXT = "text/plain; charset=utf-8";
/** What was not signed a moment ago is within a second, and at the latest after ten. */
const RETRY_AFTER = { "retry-after": "1" };
const IMMUTABLE = { "cache-control": "private, max-age=31536000, immutable" };
const tag = "Audit";

export function addAuditRoutes(app: App, deps: AuditRouteDeps): void {
  addAuditReportRoute(app, deps);
  addCheckpointRoute(app, deps);
  addInclusionRoute(app, deps);
  addConsistencyRoute(app, deps);
  addNoteRoute(app, deps);
  addTileRoute(app, deps);
  addReceiptRoute(app, deps);
  addKeeperRoutes(app, deps);
}

/** For those who look after the log. */
function addKeeperRoutes(app: App, deps: AuditRouteDeps): void {
  route(
    app,
    {
      method: "get",
      path: "/v1/audit/check",
      tag,
      summary: "Compare the log as it is stored with itself, and find events without a place in it",
      responses: { 200: { description: "What does not fit; nothing when all is well" } },
    },
    async (context) => {
      const who = await deps.principals.get(credentialHashOf(context));
      // It reads the whole log: not for everybody, as often as they like.
      requireRight(who, { scopes: ["audit:read"], roles: ["operator", "admin"] });
      return context.json(await checkLog(deps.database, who.orgId));
    },
  );
  route(
    app,
    {
      method: "post",
      path: "/v1/audit/erasures",
      tag,
      summary: "Erase what the log holds of an end user or a session, without breaking a proof",
      body: erasureSchema,
      responses: { 200: { description: "How many entries were erased" } },
    },
    async (context, { body }) =>
      context.json(await eraseForAdmin(deps.database, credentialHashOf(context), body)),
  );
}

function addCheckpointRoute(app: App, deps: AuditRouteDeps): void {
  route(
    app,
    {
      method: "get",
      path: "/v1/audit/checkpoint",
      tag,
      summary: "The newest signed checkpoint, and the key that verifies the next ones",
      responses: { 200: { description: "The checkpoint", schema: checkpointSchema } },
    },
    async (context) => {
      const orgId = await readerOrg(context, deps);
      const found = await findCheckpoint(deps.database, orgId);
      if (found === undefined) throw nothingSigned();
      const { note: checkpoint, createdAt } = found;
      return context.json({ size: found.size, checkpoint, key: deps.signer.verifierKeyOf(orgId), createdAt });
    },
  );
}

function addInclusionRoute(app: App, deps: AuditRouteDeps): void {
  const { database } = deps;
  route(
    app,
    {
      method: "get",
      path: "/v1/audit/inclusion/{eventId}",
      tag,
      summary: "Prove that an event is in the log",
      query: inclusionSchema,
      responses: {
        200: { description: "The way to the newest checkpoint's root", schema: proofSchema },
        202: { description: "Not signed yet; ask again after Retry-After" },
      },
    },
    async (context, { query }) => {
      const orgId = await readerOrg(context, deps);
      const eventId = pathParameter(context, "eventId");
      const proof = await proveEvent(database, orgId, eventId, await findCheckpoint(database, orgId));
      if (proof === undefined) throw new ProblemError("not_found", `There is no event ${eventId}.`);
      if (proof === "pending") return context.json({ status: "pending" }, 202, RETRY_AFTER);
      return query.format === "json"
        ? context.json(proof)
        : context.body(formatTlogProof(proof), 200, { "content-type": TEXT });
    },
  );
}

function addConsistencyRoute(app: App, deps: AuditRouteDeps): void {
  const { database } = deps;
  route(
    app,
    {
      method: "get",
      path: "/v1/audit/consistency",
      tag,
      summary: "Prove that the log of `to` entries begins with that of `from`",
      query: consistencySchema,
      responses: { 200: { description: "The proof" } },
    },
    async (context, { query: { from, to: given } }) => {
      const orgId = await readerOrg(context, deps);
      const signed = (await findCheckpoint(database, orgId))?.size ?? 0;
      const to = given ?? signed;
      if (from > to || to > signed) {
        throw new ProblemError(
          "invalid_request",
          `Signed are ${signed} entries; ask for 0 <= from <= to <= ${signed}.`,
          {
            errors: [{ path: from > to ? "from" : "to", message: "is beyond what is signed" }],
          },
        );
      }
      return context.json({ from, to, proof: await proveConsistency(database, orgId, from, to) });
    },
  );
}

/** https://c2sp.org/tlog-tiles under a prefix per organisation. */
const PREFIX = "/v1/audit/logs/{orgId}";

function addNoteRoute(app: App, deps: AuditRouteDeps): void {
  route(
    app,
    {
      method: "get",
      path: `${PREFIX}/checkpoint`,
      tag,
      summary: "The newest checkpoint as a signed note (c2sp.org/tlog-checkpoint)",
      responses: { 200: { description: "The note", type: "text/plain" } },
    },
    async (context) => {
      const found = await findCheckpoint(deps.database, await ownOrg(context, deps));
      if (found === undefined) throw nothingSigned();
      return context.body(found.note, 200, { "content-type": TEXT, "cache-control": "no-cache" });
    },
  );
}

function addTileRoute(app: App, deps: AuditRouteDeps): void {
  const { database } = deps;
  route(
    app,
    {
      method: "get",
      path: `${PREFIX}/tile/{level}/{tile}`,
      pattern: "/v1/audit/logs/:orgId/tile/:level/:tile{.+}",
      tag,
      summary: "A tile of hashes, or with level `entries` the entries of one (c2sp.org/tlog-tiles)",
      responses: { 200: { description: "The tile", type: "application/octet-stream" } },
    },
    async (context) => {
      const orgId = await ownOrg(context, deps);
      const tile = parseTile(pathParameter(context, "level"), pathParameter(context, "tile"));
      const signed = (await findCheckpoint(database, orgId))?.size ?? 0;
      const bytes =
        tile?.level === -1
          ? await readBundle(database, orgId, tile, signed)
          : tile && (await readTile(database, orgId, tile, signed));
      if (bytes === undefined)
        throw new ProblemError("not_found", "The log that is signed has no such tile.");
      return context.body(Uint8Array.from(bytes), 200, {
        "content-type": "application/octet-stream",
        ...IMMUTABLE,
      });
    },
  );
}

/** Level -1 are the entries themselves. */
function parseTile(levelText: string, path: string): (TileId & { width: number }) | undefined {
  const level =
    levelText === "entries"
      ? -1
      : /^(0|[1-9]|[1-5]\d|6[0-3])$/.test(levelText)
        ? Number(levelText)
        : undefined;
  const place = parseTilePath(path);
  return level === undefined || place === undefined ? undefined : { level, ...place };
}

function addReceiptRoute(app: App, { database }: AuditRouteDeps): void {
  route(
    app,
    {
      method: "get",
      path: "/v1/holds/{id}/receipt",
      tag,
      summary: "The proof of how a hold ended, to be verified offline",
      responses: {
        200: { description: "What was presented and decided, with proofs", schema: receiptSchema },
        202: { description: "Not signed yet; ask again after Retry-After" },
      },
    },
    async (context) => {
      const hold = await getHold(database, credentialHashOf(context), pathParameter(context, "id"));
      if (!isTerminalHold(hold.status)) {
        throw new ProblemError(
          "conflict",
          `${hold.id} is not decided yet: there is nothing to give a receipt for.`,
        );
      }
      const receipt = await findReceipt(database, hold.orgId, hold.id);
      return receipt === undefined
        ? context.json({ status: "pending" }, 202, RETRY_AFTER)
        : context.json(receipt as object);
    },
  );
}

/** The organisation of who asks, once it is known to have the right. */
async function readerOrg(context: Context<RequestEnv>, { principals }: AuditRouteDeps): Promise<string> {
  const who = await principals.get(credentialHashOf(context));
  requireRight(who, { scopes: ["audit:read"], roles: ALL_PEOPLE });
  return who.orgId;
}

/** The organisation in the path: another one's is as unknown as one that does not exist (I7). */
async function ownOrg(context: Context<RequestEnv>, deps: AuditRouteDeps): Promise<string> {
  const orgId = await readerOrg(context, deps);
  if (pathParameter(context, "orgId") !== orgId)
    throw new ProblemError("not_found", "There is no such log here.");
  return orgId;
}
