import { AssertionError } from "node:assert";
import { isDeepStrictEqual } from "node:util";
import type { AuditEntry, Holdpoint } from "@holdpoint/client";
import { nearestName, type JsonObject, type JsonValue } from "@holdpoint/protocol";

/** One execution, as the audit log has it. */
export interface Execution {
  tool: string;
  /** The bytes that were allowed, which is what was executed. */
  arguments: JsonObject;
  /** `started` while it is under way, or waits for an answer that it asked for. */
  outcome: "started" | "succeeded" | "failed" | "unknown";
  holdId: string | null;
  runId: string | null;
  startedAt: string;
}

export interface Expected {
  /** Default at least once. */
  times?: number;
  /** Arguments that each of them had; others may be there too. */
  with?: Readonly<Record<string, JsonValue>>;
}

const OUTCOMES: Readonly<Record<string, Execution["outcome"]>> = {
  "action.executed": "succeeded",
  "action.failed": "failed",
  "action.unknown": "unknown",
};

/** Every execution so far, in order. A call that was suspended and went on is one execution. */
export async function readExecutions(client: Holdpoint): Promise<Execution[]> {
  const executions: Execution[] = [];
  /** What goes on, by its call or, for an agent elsewhere, its hold. */
  const open = new Map<string, Execution>();
  for (const { event, actionType, actionPayload } of await readLog(client, { about: "action" })) {
    const key = event.toolCallId ?? event.holdId ?? event.id;
    if (event.type === "action.executing" || event.type === "action.auto_proceeded") {
      if (open.has(key)) continue;
      const started: Execution = {
        tool: actionType ?? "",
        arguments: actionPayload as JsonObject,
        outcome: "started",
        holdId: event.holdId,
        runId: event.runId,
        startedAt: event.createdAt,
      };
      executions.push(started);
      open.set(key, started);
    }
    const outcome = OUTCOMES[event.type];
    const ended = open.get(key);
    if (outcome === undefined || ended === undefined) continue;
    ended.outcome = outcome;
    open.delete(key);
  }
  return executions;
}

/** What a server with services of the Amorce protocol executes, before anybody has named it. */
const OF_SERVICES = "amorce.transaction";

/**
 * Throws `AssertionError` for a name that no agent has as a tool and no hold, gate or execution has named: most likely it is
 * misspelt, and "never executed" would say nothing of it.
 */
export async function requireNamed(client: Holdpoint, tool: string): Promise<void> {
  const known = new Set([OF_SERVICES]);
  for await (const agent of client.agents.list()) for (const { name } of agent.tools) known.add(name);
  if (known.has(tool)) return;
  for (const { actionType } of await readLog(client)) if (actionType !== null) known.add(actionType);
  if (known.has(tool)) return;
  throw new AssertionError({
    message: `No agent, gate or hold of this server has named ${tool}.${suggestion(tool, [...known])}`,
    operator: "expectExecuted",
    stackStartFn: requireNamed,
  });
}

const SUGGESTIONS = 3;

/** The nearest names, the nearest first; where none is near, those there are. */
function suggestion(tool: string, known: readonly string[]): string {
  const near: string[] = [];
  while (near.length < SUGGESTIONS) {
    const next = nearestName(
      tool,
      known.filter((name) => !near.includes(name)),
    );
    if (next === undefined) break;
    near.push(next);
  }
  if (near.length > 0) return ` Did you mean ${near.map((name) => `"${name}"`).join(" or ")}?`;
  const named = known.filter((name) => name !== OF_SERVICES).toSorted();
  return named.length === 0 ? " None has named any." : ` They have named ${named.slice(0, 20).join(", ")}.`;
}

async function readLog(client: Holdpoint, filter: { about?: "action" } = {}): Promise<AuditEntry[]> {
  const newestFirst: AuditEntry[] = [];
  for (let cursor: string | undefined; ;) {
    const page = await client.audit.page({ ...filter, limit: 200 }, { cursor });
    newestFirst.push(...page.data);
    if (page.nextCursor === null) return newestFirst.reverse();
    cursor = page.nextCursor;
  }
}

/** Throws `AssertionError`, which every test runner shows with what was found. */
export function assertExecuted(
  executions: readonly Execution[],
  tool: string,
  { times, with: wanted = {} }: Expected,
): void {
  const ofTool = executions.filter((execution) => execution.tool === tool);
  const fitting = ofTool.filter((execution) =>
    Object.entries(wanted).every(([name, value]) => isDeepStrictEqual(execution.arguments[name], value)),
  );
  const isMet = times === undefined ? fitting.length > 0 : fitting.length === times;
  // With other arguments than those named it must not have been executed either.
  if (isMet && fitting.length === ofTool.length) return;
  throw new AssertionError({
    message: `${tool} was to be executed ${countOf(times)}${argumentsOf(wanted)}, and was executed ${foundOf(ofTool)}.`,
    actual: ofTool.map((execution) => execution.arguments),
    expected: Array.from({ length: times ?? 1 }, () => wanted),
    operator: "expectExecuted",
    stackStartFn: assertExecuted,
  });
}

function countOf(times: number | undefined): string {
  if (times === undefined) return "at least once";
  return times === 1 ? "once" : `${times} times`;
}

function argumentsOf(wanted: object): string {
  return Object.keys(wanted).length === 0 ? "" : ` with ${JSON.stringify(wanted)}`;
}

function foundOf(executions: readonly Execution[]): string {
  if (executions.length === 0) return "never";
  const all = executions.map((execution) => JSON.stringify(execution.arguments)).join(", ");
  return `${countOf(executions.length)}: ${all}`;
}
