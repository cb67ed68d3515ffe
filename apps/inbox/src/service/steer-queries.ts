import type { AmendCall, ForkRun, GiveResult, RunSummary, TellRun } from "@holdpoint/protocol";
import { holdpoint } from "./client.ts";
import { queryClient } from "./queries.ts";

/** What an operator does to a run that is none of pause, resume, cancel and kill. Each is read again afterwards. */
function send<Answer>(runId: string, path: string, body: object): Promise<Answer> {
  return holdpoint.request<Answer>("POST", `/v1/runs/${encodeURIComponent(runId)}/${path}`, { body });
}

export function tellRun(runId: string, body: TellRun): Promise<unknown> {
  return send(runId, "messages", body);
}

export function giveResult(runId: string, callId: string, body: GiveResult): Promise<unknown> {
  return send(runId, `calls/${encodeURIComponent(callId)}/result`, body);
}

export function withdrawCall(runId: string, callId: string, reason: string): Promise<unknown> {
  return send(runId, `calls/${encodeURIComponent(callId)}/withdraw`, { reason });
}

export function amendCall(runId: string, callId: string, body: AmendCall): Promise<unknown> {
  return send(runId, `calls/${encodeURIComponent(callId)}/amend`, body);
}

export function forkRun(runId: string, body: ForkRun): Promise<RunSummary> {
  return send(runId, "fork", body);
}

export async function readRunAgain(runId: string): Promise<void> {
  await queryClient.invalidateQueries({ queryKey: ["run", runId] });
  await queryClient.invalidateQueries({ queryKey: ["runs"] });
}
