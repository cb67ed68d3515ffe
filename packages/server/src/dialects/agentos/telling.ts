import { isTerminalRun, type Run, type ToolCall } from "@holdpoint/protocol";
import type { SpokenText } from "../../events/run-text.ts";
import { isAtRest } from "../../runs/run-follower.ts";
import {
  asText,
  errorOf,
  isError,
  renderAgentOsRun,
  renderRequirements,
  renderTool,
  renderTools,
  statusOf,
  toolErrorOf,
} from "./render-run.ts";

const HAS_STARTED = new Set<ToolCall["status"]>(["executing", "suspended", "succeeded", "unknown"]);

type ToldRun = Pick<Run, "id" | "agentId" | "sessionId">;

/**
 * The events of one stream, in their order: what of the run was not told yet. Made of the run as it is, so that a stream
 * that missed moments tells the same in the end.
 *
 * Owns: what this stream has told. With `before`, what was so by then counts as told.
 */
export class AgentOsTelling {
  readonly #agentName: string;
  #run: ToldRun | undefined;
  readonly #texts = new Map<number, number>();
  readonly #started = new Set<string>();
  readonly #ended = new Set<string>();

  constructor(agentName: string, before?: Run) {
    this.#agentName = agentName;
    if (before === undefined) return;
    for (const { position, text } of before.steps) this.#texts.set(position, text.length);
    for (const call of before.toolCalls) {
      if (hasStarted(call)) this.#started.add(call.id);
      if (isEnded(call, before)) this.#ended.add(call.id);
    }
  }

  started(run: ToldRun & Pick<Run, "model">): string {
    this.#run = run;
    return this.#event("RunStarted", run, { model: run.model });
  }

  continued(run: Run): string {
    this.#run = run;
    return this.#event("RunContinued", run, { tools: renderTools(run) });
  }

  spoken({ step, offset, text }: SpokenText): string {
    return this.#run === undefined ? "" : this.#content(this.#run, step, offset, text);
  }

  /** What is new; the last of it says that the run has paused or ended, where it has. */
  seen(run: Run): string {
    const steps = run.steps.filter(({ status }) => status !== "failed");
    const told = steps.flatMap(({ position, text }) => [
      this.#content(run, position, 0, text),
      ...run.toolCalls.filter(({ step }) => step === position).map((call) => this.#call(run, call)),
    ]);
    if (isAtRest(run)) told.push(this.#rest(run));
    return told.join("");
  }

  #content(run: ToldRun, step: number, offset: number, text: string): string {
    const told = this.#texts.get(step) ?? 0;
    if (offset + text.length <= told) return "";
    this.#texts.set(step, offset + text.length);
    const content = text.slice(Math.max(0, told - offset));
    return this.#event("RunContent", run, { content, content_type: "str" });
  }

  #call(run: Run, call: ToolCall): string {
    const told: string[] = [];
    const tool = renderTool(run, call);
    if (hasStarted(call) && !this.#started.has(call.id)) {
      this.#started.add(call.id);
      told.push(
        this.#event("ToolCallStarted", run, { tool: { ...tool, result: null, tool_call_error: null } }),
      );
    }
    if (isEnded(call, run) && !this.#ended.has(call.id)) {
      this.#ended.add(call.id);
      told.push(
        isError(call)
          ? this.#event("ToolCallError", run, { tool, error: toolErrorOf(call) })
          : this.#event("ToolCallCompleted", run, { tool, content: asText(call.result) }),
      );
    }
    return told.join("");
  }

  #rest(run: Run): string {
    switch (statusOf(run)) {
      case "COMPLETED": {
        const { content, content_type, metrics } = renderAgentOsRun(run, this.#agentName);
        return this.#event("RunCompleted", run, { content, content_type, metrics });
      }
      case "ERROR":
        return this.#event("RunError", run, { content: errorOf(run), error: run.error });
      case "CANCELLED":
        return this.#event("RunCancelled", run, { reason: run.endReason });
      default: {
        const { content, tools, awaiting_confirmation } = renderAgentOsRun(run, this.#agentName);
        const requirements = renderRequirements(run);
        return this.#event("RunPaused", run, { content, tools, requirements, awaiting_confirmation });
      }
    }
  }

  #event(name: string, run: ToldRun, more: object): string {
    const data = {
      created_at: Math.floor(Date.now() / 1000),
      event: name,
      agent_id: run.agentId,
      agent_name: this.#agentName,
      run_id: run.id,
      session_id: run.sessionId,
      ...more,
    };
    return `event: ${name}\ndata: ${JSON.stringify(data)}\n\n`;
  }
}

function hasStarted({ status, attempt }: ToolCall): boolean {
  return HAS_STARTED.has(status) || (status === "failed" && attempt > 0);
}

/** Ended, and what the agent is told of it is known; a call that a person said no to is told of together with its siblings. */
function isEnded(call: ToolCall, run: Run): boolean {
  if (call.status === "succeeded") return true;
  return isError(call) && (call.error !== null || isTerminalRun(run.status));
}
