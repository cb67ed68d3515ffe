import { createId } from "@holdpoint/protocol";
import type { Logger } from "pino";
import type { AgentDirectory } from "../agents/agent-directory.ts";
import type { Registry } from "../agents/registry.ts";
import type { DefinedTool } from "../agents/tool.ts";
import type { ToolDatabase } from "../agents/tool-context.ts";
import type { Database } from "../database/database.ts";
import type { Wakeups } from "../events/wakeups.ts";
import type { HoldRow } from "../holds/hold-row.ts";
import { askedAgain } from "../policies/asked-again.ts";
import type { PolicyInForce } from "../policies/policy-store.ts";
import type { PolicyDeps } from "../policies/ruling.ts";
import { callContext } from "./call-context.ts";
import { evaluateCall, holdForCall } from "./propose-call.ts";
import type { NewRunHold } from "./commit.ts";
import type { RunRow } from "./run-row.ts";

export interface ChangedToolsOptions extends PolicyDeps {
  database: Database;
  toolDatabase: ToolDatabase;
  registry: Registry;
  agents: Pick<AgentDirectory, "find">;
  wakeups: Wakeups;
  logger: Logger;
  signal: AbortSignal;
}

interface WaitingCall {
  hold: HoldRow;
  /** Null of a hold of an agent elsewhere. */
  run: RunRow | null;
}

const BATCH = 50;
const MAX_ATTEMPTS = 3;

/**
 * Voids holds that wait for a decision about a tool which is another one by now (I8), or gone: of a run's call it is asked
 * again as the tool is now, of an agent elsewhere, or where there is no such tool any more, it is withdrawn. Any instance may do it; each hold is voided once, under its
 * lock. Resolves to how many were.
 */
export async function voidHoldsOfChangedTools(options: ChangedToolsOptions): Promise<number> {
  const { database, registry } = options;
  const hashes = Object.fromEntries(registry.listTools().map(({ name, toolHash }) => [name, toolHash]));
  const agents = registry.listAgents().map(({ id: agentId }) => agentId);
  let [org, id, voided] = ["", "", 0];
  for (;;) {
    const page = (await database.call("holds_of_tools_v2", hashes, agents, org, id, BATCH)) as WaitingCall[];
    for (const waiting of page) {
      if (options.signal.aborted) return voided;
      if (await voidHold(options, waiting)) voided += 1;
    }
    const last = page.at(-1);
    if (last === undefined || page.length < BATCH) return voided;
    [org, id] = [last.hold.org_id, last.hold.id];
  }
}

const WHY = "The tool was changed while this waited for a decision.";
const WHY_GONE = "The tool was taken out of the config while this waited for a decision.";

async function voidHold(options: ChangedToolsOptions, { hold, run }: WaitingCall): Promise<boolean> {
  const { database, policies, registry, wakeups, logger } = options;
  const tool = registry.findTool(hold.action?.name ?? "");
  const fits = tool?.parseArguments(hold.action?.arguments ?? {}).ok === true;
  const reason =
    tool === undefined ? WHY_GONE : fits ? WHY : `${WHY} These arguments do not fit it any more.`;
  for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt++) {
    const policy = await policies.get(hold.org_id);
    const next =
      run === null || tool === undefined || !fits
        ? undefined
        : await askAgain(options, policy, { hold, run, tool, reason });
    const answer = (await database.callIdempotent("void_hold_v1", {
      orgId: hold.org_id,
      holdId: hold.id,
      holdVersion: hold.version,
      reason,
      eventId: createId("evt"),
      policyRevision: policy.revision,
      ...(next !== undefined && { next: { ...next, eventId: createId("evt") } }),
    })) as { code: "ok" | "gone" | "policy_outdated" };
    if (answer.code === "policy_outdated") {
      await policies.forget(hold.org_id, policy.revision);
      continue;
    }
    if (answer.code === "gone") return false;
    wakeups.publish([
      `hold:${hold.id}`,
      `org:${hold.org_id}`,
      ...(run === null ? [] : [`run:${run.id}`, "advance"]),
      ...(next === undefined ? [] : [`hold:${next.row.id}`]),
    ]);
    logger.warn({ holdId: hold.id, nextHoldId: next?.row.id }, `${hold.action?.name}: ${reason}`);
    return true;
  }
  return false;
}

/** The question as it is about the tool of now, linked to the one that it stands for. */
async function askAgain(
  options: ChangedToolsOptions,
  policy: PolicyInForce,
  asked: { hold: HoldRow; run: RunRow; tool: DefinedTool; reason: string },
): Promise<NewRunHold> {
  const { hold, run } = asked;
  // With what an agent that was made over the API asks for.
  const agent = await options.agents.find(run.org_id, run.agent_id);
  const tool = agent?.tools.find(({ name }) => name === asked.tool.name) ?? asked.tool;
  const args = hold.action?.arguments ?? {};
  const callId = hold.tool_call_id ?? "";
  const context = callContext({
    run,
    callId,
    attempt: 1,
    holdId: hold.id,
    signal: options.signal,
    database: options.toolDatabase,
    logger: options.logger,
  });
  const ruling = await evaluateCall(options, policy, { tool, arguments: args, context, step: run.step });
  const next = await holdForCall({
    holdId: createId("hold"),
    run,
    callId,
    tool,
    arguments: args,
    ruling: askedAgain(ruling, hold, asked.reason),
    context,
  });
  next.row.metadata = { ...next.row.metadata, replaces: hold.id };
  return next;
}
