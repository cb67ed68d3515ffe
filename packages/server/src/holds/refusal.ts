import { renderInstant } from "../database/instant.ts";
import { commonRefusal } from "../identity/common-refusal.ts";
import { ProblemError } from "../problem.ts";
import type { HoldRow } from "./hold-row.ts";

/** What the hot functions of holds answer: `ok`, `repeated` (this very request was done before), or a refusal. */
export interface HoldAnswer {
  code: string;
  hold: HoldRow | undefined;
  needs?: string;
}

/** What the winner did, after their name. */
const PAST: Record<string, string> = {
  approved: "approved this",
  modified: "approved this with changes",
  rejected: "rejected this",
  skipped: "skipped this",
  answered: "answered this",
  expired: "let it expire",
  cancelled: "withdrew it",
};

/** The refusal of a hot function as the problem it is told as. Total: an unknown code is a defect. */
export function refusal(answer: HoldAnswer, holdId: string, attempted: string): ProblemError {
  const { code, hold } = answer;
  switch (code) {
    case "not_found":
      return new ProblemError("not_found", `There is no hold ${holdId} here.`);
    case "run_not_found":
      return new ProblemError("not_found", "There is no such run here: check runId.");
    case "run_ended":
      return new ProblemError(
        "run_ended",
        attempted === "claim"
          ? `Cannot claim ${holdId}: its run was ended before. Nothing of it was executed, and nothing will be.`
          : "The run of this runId is over: it asks for nothing more, and nothing of it is executed.",
      );
    case "not_strong_enough":
      return notStrongEnough(answer.needs ?? "L2", holdId, attempted);
    case "entitlement_lost":
      return new ProblemError(
        "entitlement_lost",
        `Cannot ${attempted} ${holdId}: its approval counts no more. ${whyVoid(hold)} Nothing was executed; propose the action again, and somebody is asked anew.`,
        { holdId },
      );
    case "already_decided":
      return alreadyDecided(hold, attempted);
    case "expired":
      return new ProblemError(
        "expired",
        `Cannot ${attempted} ${holdId}: its deadline ${hold?.expires_at == null ? "" : `${renderInstant(hold.expires_at)} `}has passed. Ask the agent to propose the action again.`,
        { holdId, ...(hold?.expires_at != null && { expiresAt: renderInstant(hold.expires_at) }) },
      );
    case "verdict_not_allowed":
      return new ProblemError(
        "verdict_not_allowed",
        `Cannot ${attempted} ${holdId}: it takes ${hold?.verdicts.join(", ") ?? "another verdict"}.`,
        {
          allowedVerdicts: hold?.verdicts ?? [],
        },
      );
    case "action_changed":
      return new ProblemError(
        "action_changed",
        `Cannot ${attempted} ${holdId}: the actionHash is not that of its action. Read the hold again and send its action.hash, so that the decision is bound to what was shown.`,
        { actionHash: hold?.outcome?.actionHash ?? hold?.action_hash ?? null },
      );
    case "action_hash_required":
      return new ProblemError(
        "invalid_request",
        `To ${attempted} ${holdId}, send the actionHash of the action as it was shown: action.hash of the hold.`,
        { errors: [{ path: "actionHash", message: "is required to approve or modify" }] },
      );
    case "not_approved":
      return new ProblemError(
        "not_approved",
        `Cannot ${attempted} ${holdId}: it is ${hold?.status ?? "not approved"}.`,
        { holdStatus: hold?.status },
      );
    case "not_claimable":
      return new ProblemError(
        "not_claimable",
        `Hold ${holdId} belongs to a run of this service, which executes it by itself.`,
      );
    case "already_redeemed":
      return new ProblemError(
        "already_redeemed",
        `The approval ${holdId} was redeemed before; an approval is good for one execution.`,
        {
          fulfilment: hold?.fulfilment,
        },
      );
    case "not_executing":
      return new ProblemError(
        "not_executing",
        `No claimed execution of ${holdId} waits for a report; its fulfilment is ${hold?.fulfilment ?? "none"}.`,
        {
          fulfilment: hold?.fulfilment,
        },
      );
    default: {
      const common = commonRefusal(answer);
      if (common !== undefined) return common;
      throw new TypeError(`hot function answered with an unknown code: ${code}`);
    }
  }
}

function whyVoid(hold: HoldRow | undefined): string {
  const execution = hold?.execution as { error?: { message?: string } } | null | undefined;
  return execution?.error?.message ?? "Whoever approved it may not approve it any more.";
}

function notStrongEnough(needs: string, holdId: string, attempted: string): ProblemError {
  const remedy =
    needs === "L2"
      ? "sign in again and decide within 5 minutes; a key is not enough"
      : "that takes a passkey's signature, which this version does not offer yet";
  return new ProblemError(
    "not_strong_enough",
    `Cannot ${attempted} ${holdId}: it asks for strength ${needs}: ${remedy}.`,
    { holdId, needs },
  );
}

/** I3: each loser is told who won, with what, when. */
function alreadyDecided(hold: HoldRow | undefined, attempted: string): ProblemError {
  const by = hold?.outcome?.by;
  const decidedAt = hold?.decided_at == null ? null : renderInstant(hold.decided_at);
  const how = PAST[hold?.status ?? ""] ?? "decided this";
  return new ProblemError(
    "already_decided",
    `Cannot ${attempted} ${hold?.id ?? "it"}: ${by?.name ?? "somebody"} ${how} at ${decidedAt ?? "an earlier time"}.`,
    {
      winner: {
        status: hold?.status,
        verdict: hold?.outcome?.verdict ?? null,
        by: by ?? null,
        decidedAt,
        comment: hold?.outcome?.comment ?? null,
      },
    },
  );
}
