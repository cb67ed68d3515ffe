import { toldAgentEnded, toldTooDeep } from "@holdpoint/core";
import { createId, isTerminalRun, type JsonObject } from "@holdpoint/protocol";
import type { DefinedAgent } from "../agents/agent.ts";
import type { DefinedTool } from "../agents/tool.ts";
import type { ToolHooks } from "../clarifications/tool-hooks.ts";
import type { Commit, NewChild } from "./commit.ts";
import type { ChildRow } from "./loaded-run.ts";
import { untilRecorded } from "./record-call.ts";
import type { CallRow, RunRow } from "./run-row.ts";
import { agentOf, type RunWork } from "./run-work.ts";

/** How far down agents may call each other: a path of six. */
const MAX_DEPTH = 5;

/** The run that a call has called already, at an earlier start of it. */
export function childOf(work: RunWork, call: CallRow): ChildRow | undefined {
  return work.children.find(({ callId }) => callId === call.id);
}

export interface ToolOfAttempt {
  tool: DefinedTool;
  hooks: readonly ToolHooks[];
  /** The agent that is to work now; undefined for any other tool, and once it has ended. */
  toCall: DefinedAgent | undefined;
}

/**
 * An agent is run by the service, so another stands in for its tool: before it works one that lets the hooks of before have
 * their say, once it has ended one that gives its answer to those of after.
 */
export function toolOfAttempt(
  work: RunWork,
  call: CallRow,
  tool: DefinedTool,
  hooks: readonly ToolHooks[],
): ToolOfAttempt {
  const { agent } = tool;
  if (agent === undefined) return { tool, hooks, toCall: undefined };
  const child = childOf(work, call);
  if (child !== undefined && isTerminalRun(child.status))
    return { tool: { ...tool, execute: () => answerOf(agent, child) }, hooks, toCall: undefined };
  return {
    tool: { ...tool, execute: () => null },
    hooks: hooks.map(({ before }) => ({ before, after: [] })),
    toCall: agent,
  };
}

function answerOf(agent: DefinedAgent, { status, output, error }: ChildRow): string {
  if (status === "completed") return output ?? "";
  const why = error?.[status === "cancelled" ? "reason" : "message"];
  throw new Error(
    toldAgentEnded(
      agent.name,
      status === "cancelled" ? status : "failed",
      typeof why === "string" ? why : null,
    ),
  );
}

export interface AgentCall {
  run: RunRow;
  call: CallRow;
  attempt: number;
  actionHash: string;
  arguments: JsonObject;
  agent: DefinedAgent;
}

/**
 * The call waits, and its agent's run is there to be taken: one transaction, fenced by lease and attempt, so that a crash leaves
 * either both or neither (I2). Of a call that has a run already, it waits for that one again.
 */
export async function callAgent(work: RunWork, agentCall: AgentCall): Promise<void> {
  const { run, call, attempt, actionHash, agent } = agentCall;
  const depth = (run.ancestors?.length ?? 0) + 1;
  if (depth > MAX_DEPTH) {
    const message = toldTooDeep(agent.name, MAX_DEPTH);
    const error = { code: "agents_too_deep", message };
    await untilRecorded(work, call, () =>
      work.journal.finishCall({ callId: call.id, attempt, status: "failed", error }, call.hold_id),
    );
    return;
  }
  const known = childOf(work, call);
  const child = known === undefined ? newChild(work, agentCall) : undefined;
  const runId = known?.id ?? child?.id ?? null;
  const commit: Commit = {
    callChanges: [{ id: call.id, from: "executing", status: "suspended", attempt }],
    ...(child !== undefined && { child }),
    events: [
      {
        type: "action.suspended",
        toolCallId: call.id,
        holdId: call.hold_id,
        actionName: call.name,
        actionHash,
        data: { attempt, agentId: agent.id, childRunId: runId },
      },
    ],
  };
  await untilRecorded(work, call, () => work.journal.commit("call-agent", commit));
  work.logger.info({ toolCallId: call.id, childRunId: runId }, `${call.name} works, in a run of its own.`);
}

function newChild(work: RunWork, { run, call, arguments: args, agent }: AgentCall): NewChild {
  const task = typeof args["input"] === "string" ? args["input"] : "";
  return {
    id: createId("run"),
    agentId: agent.id,
    callId: call.id,
    input: task,
    model: work.deps.models.describe(agent).label,
    maxSteps: agent.maxSteps,
    ancestors: [...(run.ancestors ?? []), run.id],
    path: [...(run.path ?? [agentOf(work)?.name ?? run.agent_id]), agent.name],
    message: { role: "user", content: task },
    messageId: createId("msg"),
  };
}
