import { isTerminalToolCall } from "@holdpoint/protocol";
import { askFor } from "../clarifications/tool-asks.ts";
import { findReturnedQuestion } from "../clarifications/returned-question.ts";
import type { DefinedNeed } from "../connections/connection-needs.ts";
import type { CallAttempt } from "./call-attempt.ts";
import type { LoadedRun } from "./loaded-run.ts";
import { findTool } from "./refuse-call.ts";
import type { RunWork } from "./run-work.ts";

/** Of the question that a tool's `ready` has. */
export const READY = "$ready";

/**
 * What the calls of the turn that have not ended need, so that whoever is asked for one is asked for all at once. Of calls
 * that wait for an approval too: they are as good as certain, or the model would not have proposed them.
 */
export function needsOfTurn(work: RunWork, { run, calls }: LoadedRun): DefinedNeed[] {
  return calls
    .filter(({ status }) => !isTerminalToolCall(status))
    .flatMap((call) => findTool(work, run, call)?.connections ?? []);
}

/**
 * Before a call does anything, at its first start and at every later one: what it needs is there, or is asked for, all of
 * it together. Rejects with `NotAnsweredError` when it will not be there.
 */
export async function requireReadiness(attempt: CallAttempt): Promise<void> {
  const { tool, connections } = attempt;
  const missing = await Promise.all([
    ...tool.connections.map(({ provider, scopes, purpose }) =>
      connections.missing(provider, scopes, purpose),
    ),
    missingByTool(attempt),
  ]);
  // All in one moment: what is asked a moment later would be asked once this is answered (A1).
  await Promise.all(missing.flatMap((ask) => (ask === undefined ? [] : [ask()])));
}

async function missingByTool({
  tool,
  arguments: args,
  session,
  context,
}: CallAttempt): Promise<(() => Promise<unknown>) | undefined> {
  if (tool.ready === undefined) return undefined;
  const asked = readyQuestion(tool.name, await tool.ready(args, { ...context, signal: session.signal }));
  return asked && (() => askFor(session, READY, asked.typed, asked.more));
}

/** Undefined where it is ready. Throws a TypeError for what is neither. */
export function readyQuestion(toolName: string, found: unknown): ReturnType<typeof findReturnedQuestion> {
  if (found === true) return undefined;
  const asked = findReturnedQuestion(found);
  if (asked !== undefined) return asked;
  throw new TypeError(`ready() of ${toolName} must give true or a question, made by ask or choose.`);
}
