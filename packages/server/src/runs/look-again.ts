import { createId, type JsonObject } from "@holdpoint/protocol";
import type { HoldRow } from "../holds/hold-row.ts";
import type { LoadedRun } from "./loaded-run.ts";
import { READY, readyQuestion } from "./readiness.ts";
import { findTool } from "./refuse-call.ts";
import type { AskRow } from "./run-row.ts";
import { contextOf, nextAttempt, type RunWork } from "./run-work.ts";

/** How often a tool's `ready` is asked again while its question is open: less and less, the longer it is. */
const SOONEST_SECONDS = 10;
const LATEST_SECONDS = 300;

interface OpenAsk {
  ask: AskRow;
  hold: HoldRow;
}

/**
 * Resolves the open questions of the turn that need no answer any more: the account was connected another way, the tool's
 * `ready` says so. True when there was one. An account is found here even where it was connected in the very moment in which
 * the question was on its way into the store; so nobody waits for what is there.
 */
export async function settleWhatIsReady(work: RunWork, loaded: LoadedRun): Promise<boolean> {
  const open = openAsks(loaded);
  const settled = await Promise.all([
    settleAuthorizations(work, loaded, open),
    ...open.filter(({ ask }) => ask.key === READY).map((one) => settleIfReady(work, loaded, one)),
  ]);
  return settled.includes(true);
}

/** When to look again, where somebody has to: of a connected account every run hears. */
export function lookingAgain(loaded: LoadedRun): { advanceSeconds?: number } {
  const ages = openAsks(loaded)
    .filter(({ ask }) => ask.key === READY)
    .map(({ hold }) => (Date.parse(loaded.now) - Date.parse(hold.created_at)) / 1_000);
  if (ages.length === 0) return {};
  return { advanceSeconds: Math.min(LATEST_SECONDS, Math.max(SOONEST_SECONDS, Math.min(...ages) / 2)) };
}

function openAsks({ asks, calls, holds }: LoadedRun): OpenAsk[] {
  const suspended = new Set(calls.filter(({ status }) => status === "suspended").map(({ id }) => id));
  return asks
    .filter((ask) => suspended.has(ask.tool_call_id))
    .flatMap((ask) => {
      const hold = holds.find(({ id, status }) => id === ask.hold_id && status === "pending");
      return hold === undefined ? [] : [{ ask, hold }];
    });
}

async function settleAuthorizations(
  work: RunWork,
  { run }: LoadedRun,
  open: readonly OpenAsk[],
): Promise<boolean> {
  const { connections } = work.deps;
  if (connections === undefined || run.end_user_id === null) return false;
  const providers = new Set(
    open.flatMap(({ hold }) => {
      const provider = hold.kind === "authorization" ? hold.question?.["provider"] : undefined;
      return typeof provider === "string" ? [provider] : [];
    }),
  );
  let isAny = false;
  for (const provider of providers) {
    const settled = await connections.settleCovered({
      orgId: run.org_id,
      endUserId: run.end_user_id,
      provider,
    });
    isAny ||= settled.length > 0;
  }
  return isAny;
}

async function settleIfReady(
  work: RunWork,
  { run, calls, holds }: LoadedRun,
  { ask, hold }: OpenAsk,
): Promise<boolean> {
  const call = calls.find(({ id }) => id === ask.tool_call_id);
  const tool = call && findTool(work, run, call);
  if (call === undefined || tool?.ready === undefined) return false;
  const approval = holds.find(({ id }) => id === call.hold_id);
  const args = approval === undefined ? (call.arguments as JsonObject) : (approval.outcome?.arguments ?? {});
  try {
    const found = await tool.ready(args, contextOf(work, run, nextAttempt(call)));
    if (readyQuestion(tool.name, found) !== undefined) return false;
  } catch (error) {
    // The question stays; it is looked at again.
    work.logger.warn(
      { err: error, toolCallId: call.id },
      `Whether ${tool.name} is ready cannot be found out.`,
    );
    return false;
  }
  const answer = (await work.deps.database.call("settle_ready_v1", {
    orgId: run.org_id,
    holdId: hold.id,
    eventId: createId("evt"),
  })) as { code: "ok" | "not_pending" };
  work.journal.publish([hold.id]);
  return answer.code === "ok";
}
