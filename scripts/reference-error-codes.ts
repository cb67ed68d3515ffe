// Writes docs/reference/error-codes.md from the list of problems: `node scripts/reference-error-codes.ts`.
import { writeFileSync } from "node:fs";
import { PROBLEMS, type ProblemCode } from "../packages/protocol/src/problem.ts";
import { code, referencePath, renderPage, renderTable } from "./reference-markdown.ts";
import { readServerSources } from "./reference-sources.ts";

/** What the caller does about each. A code without an answer here is a type error. */
const REMEDIES: Record<ProblemCode, string> = {
  invalid_json: "Send JSON in UTF-8.",
  unauthorized: "Send a key that is neither revoked nor out of date, or sign in.",
  not_allowed: "`needs` says which scope, role or person it takes. Agent keys never decide.",
  not_found: "Check the id. What belongs to another organisation is not there either.",
  approval_required:
    "Ask for an approval of `transactionId` whose details show `approvalDetails`; send the same again once it is approved.",
  wrong_code:
    "Type the code that stands in the message with the link; `attemptsLeft` says how often it may be wrong.",
  link_taken: "Ask for a new link: this one works on the device that opened it first.",
  link_ended: "Ask for a new link.",
  method_not_allowed: "The `Allow` header names the methods of this path.",
  not_strong_enough:
    "Sign in again and decide within five minutes where `needs` is `L2`. A key is never more than `L1`.",
  already_decided: "Nothing is left to do. `winner` and `detail` say who decided what, and when.",
  action_changed: "Read the hold again and look at its action; decide with its hash.",
  not_approved: "Wait until the hold is approved. What was refused is not executed.",
  not_claimable: "The call belongs to a run; the service executes it itself.",
  entitlement_lost: "Do not execute. Ask again with a new hold; others decide.",
  already_redeemed: "Do not execute. An approval is good for one execution.",
  not_executing: "Redeem the approval first, and report once.",
  session_busy: "Wait until `runId` has ended, or cancel it, and send the message again.",
  run_busy:
    "Read `detail`: wait until `runId` has ended, or cancel it; decide or cancel `holdId`. Then delete again.",
  run_ended: "Start another run.",
  conflict: "Read `detail`; the thing is in a state that does not allow this.",
  execution_unknown: "Look at the service itself: what broke off is not carried out again.",
  in_progress: "Send the same request again in a moment.",
  expired: "Do not execute. Ask again with a new hold.",
  body_too_large: "A body may have 1 MiB. Put large evidence behind a link.",
  unsupported_media_type: "Send `Content-Type: application/json`.",
  wrong_host: "Use the address of `HOLDPOINT_PUBLIC_URL`.",
  invalid_request: "`errors` names every place that does not fit, with its path.",
  invalid_arguments:
    "`errors` names every argument that does not fit. Nobody was asked, or nothing was decided.",
  invalid_answer: "`errors` names what does not fit the question's schema.",
  verdict_not_allowed: "`allowedVerdicts` of the hold says which verdicts it takes.",
  idempotency_mismatch: "Use a new `Idempotency-Key` for another body.",
  unsupported: "This version does not offer it; `detail` says what it offers.",
  upgrade_required:
    "Open it as a WebSocket. If you did, what stands before the service does not pass upgrades on.",
  too_many_requests: "Wait as many seconds as `Retry-After` says.",
  client_closed: "For the log only: nobody is left to read it.",
  internal: "Report it with the `requestId`; the log has the cause under it.",
  overloaded: "Wait as many seconds as `Retry-After` says, or ask another instance.",
  unavailable: "Nothing was executed. Wait as many seconds as `Retry-After` says.",
};

/** The whole page, as it is in the repository. */
export function renderErrorCodesPage(): string {
  const sources = readServerSources("http", "holds", "runs", "identity", "policies", "events", "end-users");
  const isUsed = (name: string) => sources.includes(`"${name}"`);
  const rows = Object.entries(PROBLEMS).map(([name, { status, title }]) => [
    code(name),
    String(status),
    `${title}.`,
    REMEDIES[name as ProblemCode],
  ]);
  const unused = Object.keys(PROBLEMS).filter((name) => !isUsed(name));
  return renderPage("Error codes", "`packages/protocol/src/problem.ts`", "reference-error-codes.ts", [
    "Every error of the API is `application/problem+json` (RFC 9457): `type`, `title`, `status`, `code`, `detail`, `requestId`, and `errors: [{path, message}]` where input does not fit. Programs go by `code`, people by `detail`. The same list serves the server, the client library and the command line.",
    renderTable([["code", "status", "what happened", "what to do"], ...rows]),
    ...(unused.length === 0
      ? []
      : [`In the list, and not answered by any route of this version: ${unused.map(code).join(", ")}.`]),
  ]);
}

if (import.meta.main) writeFileSync(referencePath("error-codes"), renderErrorCodesPage());
