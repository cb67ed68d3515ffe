import { createId, type AmendCall, type JsonObject, type ToolCall } from "@holdpoint/protocol";
import type { AgentDirectory } from "../agents/agent-directory.ts";
import type { ToolDatabase, ToolEndUser } from "../agents/tool-context.ts";
import type { DefinedTool } from "../agents/tool.ts";
import type { HoldRow } from "../holds/hold-row.ts";
import { invalidArguments } from "../holds/proposed-action.ts";
import { askedAgain } from "../policies/asked-again.ts";
import type { PolicyInForce } from "../policies/policy-store.ts";
import type { PolicyDeps } from "../policies/ruling.ts";
import { ProblemError } from "../problem.ts";
import type { Logger } from "pino";
import { callContext } from "./call-context.ts";
import type { NewRunHold } from "./commit.ts";
import { IncreasingIds } from "./increasing-id.ts";
import { evaluateCall, holdForCall } from "./propose-call.ts";
import { renderCall, type CallRow, type RunRow } from "./run-row.ts";
import { callRefusal, type CallAnswer, type SteerCallRequest } from "./steer-call.ts";
import type { SteerDeps } from "./tell-run.ts";

export interface AmendDeps extends SteerDeps, PolicyDeps {
  agents: Pick<AgentDirectory, "find">;
  toolDatabase: ToolDatabase;
  logger: Logger;
  /** Of the service. */
  stopping: AbortSignal;
}

interface Look extends CallAnswer {
  run: RunRow;
  call: CallRow;
  hold: HoldRow | null;
  endUser: ToolEndUser | null;
  byName: string | null;
}

const MAX_POLICY_CHANGES = 5;

/**
 * Other arguments for a call that waits for a decision. They are looked at like the model's own: by the tool's schema, and by the
 * policy; whatever that says, a person is asked, and not the one who amended it (I8, I9). The hold that was open is withdrawn as
 * superseded, and the new one takes its place, in one transaction: a decision on the old one comes too late. A read and a write.
 *
 * Throws `invalid_arguments`, `conflict` for a call that waits for no decision, `expired`, `not_found` and `not_allowed`.
 */
export async function amendCall(
  deps: AmendDeps,
  { body, idempotency, ...request }: SteerCallRequest & { body: AmendCall },
): Promise<ToolCall> {
  const { database, policies, wakeups } = deps;
  const { credentialHash, runId, callId } = request;
  for (let changes = 0; ; changes++) {
    const look = (await database.callIdempotent("look_at_call_v1", credentialHash, runId, callId)) as Look;
    if (look.code !== "ok") throw callRefusal(look, request);
    const policy = await policies.get(look.run.org_id);
    const next = look.call.status === "gated" ? await prepare(deps, policy, look, body) : undefined;
    const ids = new IncreasingIds();
    const answer = (await database.callIdempotent("amend_call_v1", {
      ...request,
      holdId: look.call.hold_id,
      reason: body.reason,
      policyRevision: policy.revision,
      next,
      cancelledEventId: ids.next("evt"),
      createdEventId: ids.next("evt"),
      eventId: ids.next("evt"),
      idempotencyKey: idempotency?.key,
      bodyHash: idempotency?.bodyHash,
    })) as CallAnswer & { hold?: HoldRow };
    if (answer.code === "policy_outdated" && changes < MAX_POLICY_CHANGES) {
      await policies.forget(look.run.org_id, policy.revision);
      continue;
    }
    const { call, run } = answer;
    if (answer.code !== "ok" || call === undefined || run === undefined) throw callRefusal(answer, request);
    wakeups.publish([
      `run:${run.id}`,
      `org:${run.org_id}`,
      ...[look.call.hold_id, call.hold_id].flatMap((id) => (id === null ? [] : [`hold:${id}`])),
    ]);
    return { ...renderCall(call, null), childRunId: null };
  }
}

/** The hold that would take the place of the open one. */
async function prepare(
  deps: AmendDeps,
  policy: PolicyInForce,
  { run, call, hold, endUser, byName }: Look,
  body: AmendCall,
): Promise<NewRunHold> {
  const tool = await toolOf(deps.agents, run, call);
  const parsed = tool.parseArguments(body.arguments);
  if (!parsed.ok) throw invalidArguments(tool.name, parsed.errors, "The call waits as it was.");
  const args: JsonObject = parsed.value;
  const row = { ...run, endUser };
  const context = callContext({
    run: row,
    callId: call.id,
    attempt: call.attempt + 1,
    holdId: null,
    signal: deps.stopping,
    database: deps.toolDatabase,
    logger: deps.logger,
  });
  const ruling = await evaluateCall(deps, policy, { tool, arguments: args, context, step: call.step });
  const why = `${byName ?? "An operator"} changed what the agent proposed: ${body.reason}`;
  const next = await holdForCall({
    holdId: createId("hold"),
    run: row,
    callId: call.id,
    tool,
    arguments: args,
    ruling:
      hold === null
        ? ruling
        : askedAgain(ruling, { tier: hold.tier, route: hold.route, level: hold.level }, why),
    context,
  });
  if (hold !== null) next.row.metadata = { ...next.row.metadata, replaces: hold.id };
  return next;
}

async function toolOf(agents: AmendDeps["agents"], run: RunRow, call: CallRow): Promise<DefinedTool> {
  const agent = await agents.find(run.org_id, run.agent_id);
  const tool = agent?.tools.find(({ name }) => name === call.name);
  if (tool !== undefined) return tool;
  throw new ProblemError(
    "conflict",
    `${run.agent_id} has no tool ${call.name} any more: its calls can be withdrawn or taken over, and not amended.`,
  );
}
