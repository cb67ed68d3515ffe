import { isTerminalHold, textSchema, type Hold } from "@holdpoint/protocol";
import { z } from "zod";
import { decideHold, type DecideHoldDeps } from "../../holds/decide-hold.ts";
import { getHold, listHolds } from "../../holds/read-holds.ts";
import { credentialHashOf } from "../../http/credential.ts";
import { readIdempotencyKey } from "../../http/request.ts";
import { route, type App } from "../../http/route.ts";
import { ProblemError } from "../../problem.ts";
import { renderPending } from "./requests.ts";

const decisionSchema = z.looseObject({
  request_id: textSchema(200, 1),
  decision: z.enum(["approved", "rejected", "skipped"], {
    error: "must be approved, rejected or skipped; what is pending or timed out is not for anybody to submit",
  }),
  operator_input: textSchema(4_000).nullish(),
  run_id: textSchema(200).nullish(),
});
const VERDICTS = { approved: "approve", rejected: "reject", skipped: "skip" } as const;

/** What waits, and deciding on it. */
export function addDecisionRoutes(app: App, deps: DecideHoldDeps): void {
  route(
    app,
    {
      method: "post",
      path: "/agents/hitl/decision",
      tag: "GLAIP",
      summary: "Decide on a request for approval",
      body: decisionSchema,
      responses: {
        200: { description: "It counts", schema: z.object({ status: z.literal("ok"), message: z.string() }) },
      },
    },
    async (context, { body }) => {
      const credentialHash = credentialHashOf(context);
      const { request_id: holdId, decision } = body;
      // The protocol's clients know no hash: the decision is bound to the hold, whose action never changes (I8).
      const shown = await getHold(deps.database, credentialHash, holdId);
      if (body.run_id != null && shown.runId !== body.run_id)
        throw new ProblemError("not_found", `There is no request ${holdId} of run ${body.run_id} here.`);
      const verdict = VERDICTS[decision];
      const hold = await decideHold(deps, {
        credentialHash,
        holdId,
        input: {
          verdict,
          ...(verdict === "approve" && shown.action !== null && { actionHash: shown.action.hash }),
          ...(body.operator_input != null && { comment: body.operator_input }),
        },
        via: "glaip",
        idempotencyKey: readIdempotencyKey(context),
      });
      return context.json({ status: "ok", message: `Request ${holdId} ${decision}${stillOpen(hold)}` });
    },
  );
  route(
    app,
    {
      method: "get",
      path: "/agents/hitl/pending",
      tag: "GLAIP",
      summary: "What waits for a decision, the newest first, at most 1,000",
      responses: {
        200: { description: "The requests", schema: z.array(z.looseObject({ request_id: z.string() })) },
      },
    },
    async (context) => {
      const holds: Hold[] = [];
      let cursor: string | undefined;
      do {
        const query = { status: "pending", kind: "approval", sort: "createdAt", limit: 200, cursor } as const;
        const page = await listHolds(deps.database, credentialHashOf(context), query);
        holds.push(...page.data);
        cursor = page.nextCursor ?? undefined;
      } while (cursor !== undefined && holds.length < 1_000);
      return context.json(holds.map(renderPending));
    },
  );
}

/** One vote of several: said, so that nobody takes it for the end. */
function stillOpen({ status, quorum }: Hold): string {
  if (isTerminalHold(status)) return "";
  return `; it waits for others: ${quorum.votes.length} of ${quorum.required}`;
}
